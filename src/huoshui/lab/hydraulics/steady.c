/* Steady states of one network, eight at a time.
 *
 * Every quantity is a vector of eight scenarios ("lanes"), so that each operation of the Newton
 * step is one vector operation. The network's structure, its elimination order and the places
 * where fill-in falls are computed once in Python (solver.py, ordering.py) and only read here.
 * Everything is SI: m, m3/s. The equations are those of EPANET's gradient algorithm (Todini and
 * Rossman, EPANET 2.2 User Manual, ch. 12); where a bound of EPANET is used it is passed in.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 8
typedef double V __attribute__((vector_size(64), aligned(64)));
typedef int64_t I __attribute__((vector_size(64), aligned(64)));

#define SPLAT(x) ((V){(x), (x), (x), (x), (x), (x), (x), (x)})
#define ISPLAT(x) ((I){(x), (x), (x), (x), (x), (x), (x), (x)})

static const double BIG = 9.290304e6;      /* 1e8 ft3/s per ft as m3/s per m */
static const double TINY_P = 9.290304e-10; /* 1e-8 ft3/s per ft */
static const double OPEN_P = 9.290304e4;   /* 1e6 ft3/s per ft: an open valve without loss */
static const double FLAT = 1.0763910416709722e-6; /* 1e-7 ft per ft3/s */
static const double STEEP = 1.0763910416709722e9; /* 1e8 ft per ft3/s */
static const double H_TOL = 1.524e-4;             /* 0.0005 ft */
static const double Q_TOL = 2.8316846592e-6;      /* 0.0001 ft3/s */

enum { XHEAD, TEMPCLOSED, CLOSED, OPEN, ACTIVE, XFLOW, XFCV };
enum { CV, SWITCHED, PUMP_POWER, PUMP_CURVE, PUMP_HP, PRV, PSV, FCV, TCV, PBV, GPV };

typedef struct {
    int64_t junctions, fixed, links, pipes, darcy, specials, grounds, fill;
    double exponent;              /* of the pipes' friction: 1.852, or 2 */
    const int32_t *start, *end;   /* links: node places; junctions first, then fixed heads */
    const int32_t *place;         /* links: off-diagonal of the two junctions, or -1 */
    const double *resist, *minor; /* links: friction (formula below), minor loss */
    const double *rough, *slow;   /* Darcy-Weisbach: roughness over diameter, viscosity*diameter */
    const int32_t *pipe;          /* links with a power law that are open in all scenarios */
    const int32_t *darcy_pipe;    /* the same with Darcy-Weisbach */
    const int32_t *special, *kind; /* links whose status may change, and what they are */
    const double *shut_head, *pump_r, *pump_n; /* specials: pump curve h = shut_head - r q^n */
    const int32_t *curve_at, *curve_size;      /* specials: their curve */
    const double *curve_x, *curve_y;
    const double *diameter;       /* specials: for the loss of a throttle valve */
    const double *floor, *ceiling; /* fixed heads: below or above, links to them close; or +-inf */
    const int32_t *ground;        /* junctions with an outflow that depends on pressure */
    const int32_t *ground_kind;   /* 0 emitter, 1 leak, 2 demand */
    const double *ground_r, *ground_n, *ground_head, *ground_span;
    const int32_t *column, *row;  /* factor: columns by junction, rows of the entries */
    const int32_t *target;        /* for each pair of entries of a column: where it subtracts */
    const double *elevation;      /* all nodes */
    const int32_t *held_at;       /* specials + 1: where the links at the node it holds begin */
    const int32_t *held;          /* link + 1, negative where the link leaves the node */
    const int32_t *held_ground_at, *held_ground; /* the same for outflows at that node */
} Network;

typedef struct {
    double accuracy;
    int64_t trials, check_every, check_until;
    int64_t warm; /* start from the lane's scenario before */
} Options;

/* log2 of positive finite numbers; relative error below 1e-14 outside [0.99, 1.01] */
static inline V vlog2(V x) {
    I bits = (I)x;
    I up = (bits & ISPLAT(0x000fffffffffffffLL)) > ISPLAT(0x6a09e667f3bcdLL);
    I power = (bits >> 52) - ISPLAT(1023) - up;
    V m = (V)((bits & ISPLAT(0x000fffffffffffffLL)) | ISPLAT(0x3ff0000000000000LL));
    V half = m * 0.5;
    m = (V)(((I)half & up) | ((I)m & ~up));
    V s = (m - 1.0) / (m + 1.0), z = s * s;
    V t = SPLAT(2.0 / 19);
    t = t * z + 2.0 / 17;
    t = t * z + 2.0 / 15;
    t = t * z + 2.0 / 13;
    t = t * z + 2.0 / 11;
    t = t * z + 2.0 / 9;
    t = t * z + 2.0 / 7;
    t = t * z + 2.0 / 5;
    t = t * z + 2.0 / 3;
    t = t * z + 2.0;
    return __builtin_convertvector(power, V) + s * t * 1.4426950408889634;
}

/* 2 to the power of x; relative error below 1e-14; |x| < 1000 */
static inline V vexp2(V x) {
    const double magic = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    V shifted = x + magic;
    V whole = shifted - magic;
    I n = (I)shifted - (I)SPLAT(6755399441055744.0);
    V f = (x - whole) * 0.6931471805599453;
    V t = SPLAT(1.0 / 479001600.0);
    t = t * f + 1.0 / 39916800.0;
    t = t * f + 1.0 / 3628800.0;
    t = t * f + 1.0 / 362880.0;
    t = t * f + 1.0 / 40320.0;
    t = t * f + 1.0 / 5040.0;
    t = t * f + 1.0 / 720.0;
    t = t * f + 1.0 / 120.0;
    t = t * f + 1.0 / 24.0;
    t = t * f + 1.0 / 6.0;
    t = t * f + 0.5;
    t = t * f + 1.0;
    t = t * f + 1.0;
    return (V)((I)t + (n << 52));
}

static inline V vabs(V x) { return (V)((I)x & ISPLAT(0x7fffffffffffffffLL)); }
static inline V vmax(V a, V b) {
    I more = a > b;
    return (V)(((I)a & more) | ((I)b & ~more));
}
static inline V pick(I yes, V a, V b) { return (V)(((I)a & yes) | ((I)b & ~yes)); }
static inline V vpow(V x, double n) { return vexp2(vlog2(vmax(x, SPLAT(1e-200))) * n); }

/* Darcy-Weisbach: loss and gradient at flow q >= 0; laminar, Dunlop's cubic, Swamee-Jain */
static inline void darcy(V q, double r, double m, double e, double s, V *loss, V *slope) {
    const double A1 = 3141.59265358979323846, A2 = 1570.79632679489661923;
    const double A8 = 4.61841319859066668690, A9 = -0.86858896380650365530;
    const double AB = 3.28895476345399058690e-3, AC = -5.14214965799093883760e-3;
    const double LN2 = 0.6931471805599453, PI16 = 50.26548245743669;
    V w = vmax(q / s, SPLAT(1.0));
    V y1 = A8 * vpow(w, -0.9);
    V y2 = e / 3.7 + y1;
    V y3 = A9 * LN2 * vlog2(y2);
    V f = 1.0 / (y3 * y3);
    V df = 1.8 * f * y1 * A9 / y2 / y3 / vmax(q, SPLAT(1e-30));
    V z2 = SPLAT(e / 3.7 + AB);
    V z3 = A9 * LN2 * vlog2(z2);
    V fa = 1.0 / (z3 * z3);
    V fb = (2.0 + AC / (z2 * z3)) * fa;
    V x = w / A2;
    V x1 = 7.0 * fa - fb, x2 = 0.128 - 17.0 * fa + 2.5 * fb;
    V x3 = -0.128 + 13.0 * fa - 2.0 * fb, x4 = 0.032 - 3.0 * fa + 0.5 * fb;
    V ft = x1 + x * (x2 + x * (x3 + x * x4));
    V dft = (x2 + x * (2.0 * x3 + 3.0 * x * x4)) / s / A2;
    I rough = w >= A1;
    f = pick(rough, f, ft);
    df = pick(rough, df, dft);
    V r1 = f * r + m;
    I smooth = q <= A2 * s;
    *loss = pick(smooth, q * (PI16 * s * r + m * q), r1 * q * q);
    *slope = pick(smooth, PI16 * s * r + 2.0 * m * q, 2.0 * r1 * q + df * r * q * q);
}

static void darcy_one(double q, const Network *n, int k, double *loss, double *slope) {
    V a, b;
    darcy(SPLAT(q), n->resist[k], n->minor[k], n->rough[k], n->slow[k], &a, &b);
    *loss = a[0];
    *slope = b[0];
}

typedef struct {
    V *head; /* while a step is assembled, junctions hold the right-hand side here */
    V *flow, *p, *y, *diag, *off, *ground_flow, *ground_p, *ground_y;
    V *demand, *column;
    int32_t *status; /* specials x LANES */
} Work;

/* p and y of one special link in one lane */
static void special(const Network *n, const double *setting, int s, int lane, Work *w) {
    const int k = n->special[s], status = w->status[s * LANES + lane];
    const double q = w->flow[k][lane], a = fabs(q), set = setting[s];
    double loss, slope, m = n->minor[k];
    const int pump = n->kind[s] >= PUMP_POWER && n->kind[s] <= PUMP_HP;
    if (status <= CLOSED || (pump && !(set > 0))) {
        w->p[k][lane] = TINY_P;
        w->y[k][lane] = q;
        return;
    }
    switch (n->kind[s]) {
    case CV:
    case SWITCHED:
        if (n->darcy) {
            darcy_one(a, n, k, &loss, &slope);
        } else {
            slope = n->exponent * n->resist[k] * pow(a, n->exponent - 1.0);
            if (slope < FLAT) {
                slope = FLAT / n->exponent;
                loss = slope * a;
            } else
                loss = slope * a / n->exponent;
            slope += 2.0 * m * a;
            loss += m * a * a;
        }
        w->p[k][lane] = 1.0 / slope;
        w->y[k][lane] = (q < 0 ? -loss : loss) / slope;
        return;
    case PUMP_POWER:
    case PUMP_CURVE: {
        double h0 = -n->shut_head[s], r = n->pump_r[s], e = n->pump_n[s];
        if (n->kind[s] == PUMP_CURVE) {
            const double *x = n->curve_x + n->curve_at[s], *h = n->curve_y + n->curve_at[s];
            int i = 1;
            while (i < n->curve_size[s] - 1 && a / set > x[i]) i++;
            r = -(h[i] - h[i - 1]) / (x[i] - x[i - 1]);
            h0 = -(h[i] + r * x[i]);
            e = 1.0;
        }
        h0 *= set * set;
        r *= pow(set, 2.0 - e);
        if (e != 1.0) {
            slope = e * r * pow(a, e - 1.0);
            if (slope < FLAT) {
                slope = FLAT;
                loss = h0 + slope * q;
            } else
                loss = h0 + slope * q / e;
        } else {
            slope = fmax(r, FLAT);
            loss = h0 + slope * q;
        }
        break;
    }
    case PUMP_HP: {
        double r = n->pump_r[s] * set * set * set;
        slope = r / (a * a);
        if (!(slope < STEEP)) {
            slope = STEEP;
            loss = -slope * a;
        } else if (slope < FLAT) {
            slope = FLAT;
            loss = -slope * a;
        } else
            loss = -r / a;
        break;
    }
    case GPV: {
        const double *x = n->curve_x + n->curve_at[s], *h = n->curve_y + n->curve_at[s];
        int i = 1;
        while (i < n->curve_size[s] - 1 && a > x[i]) i++;
        double r = (h[i] - h[i - 1]) / (x[i] - x[i - 1]), h0 = h[i] - r * x[i];
        r = fmax(r, FLAT);
        w->p[k][lane] = 1.0 / r;
        w->y[k][lane] = (h0 / r + a) * (q < 0 ? -1.0 : 1.0);
        return;
    }
    case PBV:
        if (!isnan(set) && set != 0 && m * a * a <= set) {
            w->p[k][lane] = BIG;
            w->y[k][lane] = set * BIG;
            return;
        }
        /* fall through: an open valve */
    default:
        if (n->kind[s] == TCV && !isnan(set)) {
            const double d = n->diameter[s] / 0.3048;
            m = 0.02517 * set / (d * d * d * d) / 0.3048 / 0.3048 / 0.3048 / 0.3048 / 0.3048;
        }
        if (m > 0) {
            slope = 2.0 * m * a;
            if (slope < FLAT) {
                slope = FLAT;
                loss = q * slope;
            } else
                loss = q * slope / 2.0;
        } else {
            w->p[k][lane] = OPEN_P;
            w->y[k][lane] = q;
            return;
        }
    }
    w->p[k][lane] = 1.0 / slope;
    w->y[k][lane] = loss / slope;
}

/* what outflows that depend on pressure add: links to the ground at a given head */
static void grounds(const Network *n, const V *coefficient, Work *w) {
    for (int64_t g = 0; g < n->grounds; g++) {
        const double e = n->ground_n[g];
        V q = w->ground_flow[g], a = vabs(q), r = coefficient ? coefficient[g] : SPLAT(n->ground_r[g]);
        V slope, loss;
        if (n->ground_kind[g] == 2) {
            /* r is the full demand; the outflow lies between nothing and it */
            I any = r > 0.0;
            V full = pick(any, r, SPLAT(1.0)), part = q / full;
            slope = e * n->ground_span[g] * vpow(vabs(part), e - 1.0) / full;
            loss = slope * q / e;
            I flat = slope < FLAT;
            slope = pick(flat, SPLAT(FLAT), slope);
            loss = pick(flat, slope * q, loss);
            I none = part <= 0.0, all = part >= 1.0;
            slope = pick(none | all, SPLAT(STEEP), slope);
            loss = pick(none, STEEP * q, pick(all, n->ground_span[g] + STEEP * (q - full), loss));
            w->ground_p[g] = pick(any, 1.0 / slope, SPLAT(0.0));
            w->ground_y[g] = pick(any, loss / slope, q);
            continue;
        }
        I any = r > 0.0;
        slope = e * r * vpow(a, e - 1.0);
        loss = slope * q / e;
        I flat = slope < FLAT, steep = slope > STEEP;
        slope = pick(flat, SPLAT(FLAT), pick(steep, SPLAT(STEEP), slope));
        loss = pick(flat | steep, slope * q, loss);
        if (n->ground_kind[g] == 1) {
            I back = q <= 0.0;
            slope = pick(back, SPLAT(STEEP), slope);
            loss = pick(back, STEEP * q, loss);
        }
        w->ground_p[g] = pick(any, 1.0 / slope, SPLAT(0.0));
        w->ground_y[g] = pick(any, loss / slope, q);
    }
}

/* add one link's share to the matrix and the right-hand side */
static inline void add(const Network *n, Work *w, int k, V p, V y) {
    const int a = n->start[k], b = n->end[k], at = n->place[k];
    const V carried = w->flow[k] - y;
    if (at >= 0) {
        w->head[a] -= carried;
        w->head[b] += carried;
        w->diag[a] += p;
        w->diag[b] += p;
        w->off[at] -= p;
    } else if (a < n->junctions) {
        w->head[a] += p * w->head[b] - carried;
        w->diag[a] += p;
    } else if (b < n->junctions) {
        w->head[b] += p * w->head[a] + carried;
        w->diag[b] += p;
    }
}

/* what flows into the node a valve holds, less what leaves it and is taken, in one lane */
static double balance(const Network *n, const Work *w, int s, int node, int lane) {
    double sum = node < n->junctions ? -w->demand[node][lane] : 0.0;
    for (int32_t i = n->held_at[s]; i < n->held_at[s + 1]; i++) {
        const int32_t k = n->held[i];
        sum += k > 0 ? w->flow[k - 1][lane] : -w->flow[-k - 1][lane];
    }
    for (int32_t i = n->held_ground_at[s]; i < n->held_ground_at[s + 1]; i++)
        sum -= w->ground_flow[n->held_ground[i]][lane];
    return sum;
}

/* gradients of all links at the present flows, and the matrix and right-hand side from them */
static void assemble(const Network *n, const double *setting, const V *coefficient, int lanes_set,
                     Work *w) {
    const double e = n->exponent;
    memset(w->diag, 0, sizeof(V) * n->junctions);
    memset(w->off, 0, sizeof(V) * n->fill);
    for (int64_t j = 0; j < n->junctions; j++) w->head[j] = -w->demand[j];
    for (int64_t i = 0; i < n->pipes; i++) {
        const int k = n->pipe[i];
        V q = w->flow[k], a = vabs(q);
        V slope = e == 2.0 ? 2.0 * n->resist[k] * a : e * n->resist[k] * vpow(a, e - 1.0);
        I flat = slope < FLAT;
        V base = pick(flat, SPLAT(FLAT / e), slope);
        V loss = pick(flat, base * q, slope * q / e);
        if (n->minor[k] > 0) {
            base += 2.0 * n->minor[k] * a;
            loss += n->minor[k] * a * q;
        }
        V p = 1.0 / base, y = loss * p;
        w->p[k] = p;
        w->y[k] = y;
        add(n, w, k, p, y);
    }
    for (int64_t i = 0; i < n->darcy; i++) {
        const int k = n->darcy_pipe[i];
        V q = w->flow[k], loss, slope;
        darcy(vabs(q), n->resist[k], n->minor[k], n->rough[k], n->slow[k], &loss, &slope);
        V p = 1.0 / slope, y = pick(q < 0.0, -loss, loss) * p;
        w->p[k] = p;
        w->y[k] = y;
        add(n, w, k, p, y);
    }
    grounds(n, coefficient, w);
    for (int64_t s = 0; s < n->specials; s++) {
        const int kind = n->kind[s], k = n->special[s];
        const int holds = kind == PRV || kind == PSV;
        const int held = kind == PRV ? n->end[k] : n->start[k];
        for (int lane = 0; lane < LANES; lane++) {
            const double *set = setting + (lanes_set ? lane * n->specials : 0);
            special(n, set, s, lane, w);
            if (w->status[s * LANES + lane] != ACTIVE) continue;
            /* its flow is what the balance behind it asks for, or its setting */
            if (holds) {
                const double short_of = balance(n, w, s, held, lane);
                w->p[k][lane] = 0.0;
                w->y[k][lane] = kind == PRV ? short_of : -short_of;
                if (held < n->junctions) {
                    w->diag[held][lane] += BIG;
                    w->head[held][lane] += BIG * (n->elevation[held] + set[s]);
                }
            } else if (kind == FCV) {
                w->p[k][lane] = TINY_P;
                w->y[k][lane] = w->flow[k][lane] - set[s];
            }
        }
        add(n, w, k, w->p[k], w->y[k]);
    }
    for (int64_t g = 0; g < n->grounds; g++) {
        const int j = n->ground[g];
        w->diag[j] += w->ground_p[g];
        w->head[j] += w->ground_y[g] - w->ground_flow[g] + w->ground_p[g] * n->ground_head[g];
    }
}

/* Eliminate: the pairs of entries of each column subtract from places known beforehand. Pivots are
 * left inverted and columns scaled. */
static void factor(const Network *n, Work *w) {
    const int32_t *target = n->target;
    V *column = w->column;
    for (int64_t k = 0; k < n->junctions; k++) {
        const int32_t from = n->column[k], count = n->column[k + 1] - from;
        const V inverse = 1.0 / w->diag[k];
        w->diag[k] = inverse;
        for (int32_t e = 0; e < count; e++) {
            const V entry = w->off[from + e], scaled = entry * inverse;
            column[e] = entry;
            w->diag[n->row[from + e]] -= scaled * entry;
            for (int32_t f = 0; f < e; f++) w->off[*target++] -= scaled * column[f];
            w->off[from + e] = scaled;
        }
    }
}

static void substitute(const Network *n, const Work *w, V *x) {
    for (int64_t k = 0; k < n->junctions; k++) {
        const V value = x[k];
        for (int32_t e = n->column[k]; e < n->column[k + 1]; e++) x[n->row[e]] -= w->off[e] * value;
        x[k] = value * w->diag[k];
    }
    for (int64_t k = n->junctions - 1; k >= 0; k--) {
        V value = x[k];
        for (int32_t e = n->column[k]; e < n->column[k + 1]; e++) value -= w->off[e] * x[n->row[e]];
        x[k] = value;
    }
}

static int check_valve(double q, double h1, double h2, int s) {
    if (fabs(h1 - h2) > H_TOL) return h1 - h2 < 0 || q < -Q_TOL ? CLOSED : OPEN;
    return q < -Q_TOL ? CLOSED : s;
}

/* PRV and PSV after every step; 1 if one of this lane changed */
static int pressure_valves(const Network *n, const double *setting, int lane, Work *w) {
    int changed = 0;
    for (int64_t s = 0; s < n->specials; s++) {
        const int kind = n->kind[s];
        if ((kind != PRV && kind != PSV) || isnan(setting[s])) continue;
        const int k = n->special[s], a = n->start[k], b = n->end[k];
        const int old = w->status[s * LANES + lane];
        const double q = w->flow[k][lane], h1 = w->head[a][lane], h2 = w->head[b][lane];
        const double lost = n->minor[k] * q * q;
        int now = old;
        if (kind == PRV) {
            const double hold = n->elevation[b] + setting[s];
            if (old == ACTIVE)
                now = q < -Q_TOL ? CLOSED : h1 - lost < hold - H_TOL ? OPEN : ACTIVE;
            else if (old == OPEN)
                now = q < -Q_TOL ? CLOSED : h2 >= hold + H_TOL ? ACTIVE : OPEN;
            else if (h1 >= hold + H_TOL && h2 < hold - H_TOL)
                now = ACTIVE;
            else if (h1 < hold - H_TOL && h1 > h2 + H_TOL)
                now = OPEN;
        } else {
            const double hold = n->elevation[a] + setting[s];
            if (old == ACTIVE)
                now = q < -Q_TOL ? CLOSED : h2 + lost > hold + H_TOL ? OPEN : ACTIVE;
            else if (old == OPEN)
                now = q < -Q_TOL ? CLOSED : h1 < hold - H_TOL ? ACTIVE : OPEN;
            else if (h2 > hold + H_TOL && h1 > h2 + H_TOL)
                now = OPEN;
            else if (h1 >= hold + H_TOL && h1 > h2 + H_TOL)
                now = ACTIVE;
        }
        if (now != old) {
            w->status[s * LANES + lane] = now;
            changed = 1;
        }
    }
    return changed;
}

/* check valves, pumps, flow control valves and full or empty tanks; 1 if one changed */
static int other_links(const Network *n, const double *setting, int lane, Work *w) {
    int changed = 0;
    for (int64_t s = 0; s < n->specials; s++) {
        const int kind = n->kind[s], k = n->special[s], a = n->start[k], b = n->end[k];
        const int old = w->status[s * LANES + lane];
        const double q = w->flow[k][lane], h1 = w->head[a][lane], h2 = w->head[b][lane];
        int now = old == XHEAD || old == TEMPCLOSED ? OPEN : old;
        if (kind == CV) now = check_valve(q, h1, h2, now);
        if ((kind == PUMP_POWER || kind == PUMP_CURVE) && now >= OPEN && setting[s] > 0)
            now = h2 - h1 > setting[s] * setting[s] * n->shut_head[s] + H_TOL ? XHEAD : OPEN;
        if (kind == FCV && !isnan(setting[s]) && now != CLOSED) {
            if (h1 - h2 < -H_TOL || q < -Q_TOL) now = XFCV;
            else if (now == XFCV && q >= setting[s]) now = ACTIVE;
        }
        if (now > CLOSED && (a >= n->junctions || b >= n->junctions)) {
            for (int side = 0; side < 2; side++) {
                const int tank = side ? b : a, f = tank - (int)n->junctions;
                if (f < 0) continue;
                /* flow out of the tank, and by how much its head is above the other end */
                const double out = side ? -q : q, over = side ? h2 - h1 : h1 - h2;
                const int pump = kind == PUMP_POWER || kind == PUMP_CURVE || kind == PUMP_HP;
                if (w->head[tank][lane] >= n->ceiling[f] - H_TOL &&
                    (pump ? side == 1 : check_valve(out, over, 0.0, OPEN) == CLOSED))
                    now = TEMPCLOSED;
                if (w->head[tank][lane] <= n->floor[f] + H_TOL &&
                    (pump ? side == 0 : check_valve(out, over, 0.0, CLOSED) == OPEN))
                    now = TEMPCLOSED;
            }
        }
        if (now != old) {
            w->status[s * LANES + lane] = now;
            if (now <= CLOSED) w->flow[k][lane] = 2.8316846592e-8;
            else if (old <= CLOSED) w->flow[k][lane] = fmax(fabs(q), 1e-4);
            changed = 1;
        }
    }
    return changed;
}

static V *vectors(int64_t count) {
    const size_t size = sizeof(V) * (size_t)(count > 0 ? count : 1);
    return (V *)aligned_alloc(64, size);
}

static int make_work(const Network *n, Work *w) {
    const int64_t nodes = n->junctions + n->fixed;
    w->head = vectors(nodes);
    w->flow = vectors(n->links);
    w->p = vectors(n->links);
    w->y = vectors(n->links);
    w->diag = vectors(n->junctions);
    w->off = vectors(n->fill);
    w->column = vectors(n->junctions);
    w->demand = vectors(n->junctions);
    w->ground_flow = vectors(n->grounds);
    w->ground_p = vectors(n->grounds);
    w->ground_y = vectors(n->grounds);
    w->status = malloc(sizeof(int32_t) * LANES * (size_t)(n->specials > 0 ? n->specials : 1));
    return w->head && w->flow && w->p && w->y && w->diag && w->off && w->column &&
           w->demand && w->ground_flow && w->ground_p && w->ground_y && w->status;
}

static void free_work(Work *w) {
    free(w->head);
    free(w->flow);
    free(w->p);
    free(w->y);
    free(w->diag);
    free(w->off);
    free(w->column);
    free(w->demand);
    free(w->ground_flow);
    free(w->ground_p);
    free(w->ground_y);
    free(w->status);
}

/* Solve the block that is set up in the work space; trials used and final change go to the lanes. */
static void solve_block(const Network *n, const Options *o, const double *setting, int lanes_set,
                        const V *coefficient, Work *w, int32_t *trials, double *change) {
    int done[LANES] = {0}, next_check[LANES], left = LANES;
    for (int lane = 0; lane < LANES; lane++) {
        next_check[lane] = (int)o->check_every;
        trials[lane] = -1;
        change[lane] = INFINITY;
    }
    for (int64_t trial = 1; trial <= o->trials && left; trial++) {
        assemble(n, setting, coefficient, lanes_set, w);
        factor(n, w);
        substitute(n, w, w->head);
        V moved = SPLAT(0.0), total = SPLAT(0.0);
        for (int64_t k = 0; k < n->links; k++) {
            V step = w->y[k] - w->p[k] * (w->head[n->start[k]] - w->head[n->end[k]]);
            w->y[k] = step;
        }
        for (int64_t s = 0; s < n->specials; s++)
            if (n->kind[s] == PUMP_HP) {
                const int k = n->special[s];
                for (int lane = 0; lane < LANES; lane++)
                    if (w->status[s * LANES + lane] > CLOSED && w->y[k][lane] > w->flow[k][lane])
                        w->y[k][lane] = w->flow[k][lane] / 2.0;
            }
        for (int64_t k = 0; k < n->links; k++) {
            w->flow[k] -= w->y[k];
            moved += vabs(w->y[k]);
            total += vabs(w->flow[k]);
        }
        for (int64_t g = 0; g < n->grounds; g++) {
            V step = w->ground_y[g] -
                     w->ground_p[g] * (w->head[n->ground[g]] - n->ground_head[g]);
            w->ground_flow[g] -= step;
            moved += vabs(step);
            total += vabs(w->ground_flow[g]);
        }
        for (int lane = 0; lane < LANES; lane++) {
            if (done[lane]) continue;
            const double *set = setting + (lanes_set ? lane * n->specials : 0);
            const double err = total[lane] > Q_TOL ? moved[lane] / total[lane] : moved[lane];
            change[lane] = err;
            if (!(err == err)) { /* not a number: this lane has failed */
                done[lane] = 1;
                left--;
                continue;
            }
            int changed = n->specials ? pressure_valves(n, set, lane, w) : 0;
            if (err <= o->accuracy) {
                if (n->specials && other_links(n, set, lane, w)) changed = 1;
                if (!changed) {
                    done[lane] = 1;
                    left--;
                    trials[lane] = (int32_t)trial;
                    continue;
                }
                next_check[lane] = (int)(trial + o->check_every);
            } else if (trial <= o->check_until && trial == next_check[lane]) {
                if (n->specials) other_links(n, set, lane, w);
                next_check[lane] += (int)o->check_every;
            }
        }
    }
}

/* Solve many scenarios. Lane l takes the scenarios l*blocks ... (l+1)*blocks-1 in turn, so that a
 * series in time starts each moment from the one before. Demands are the sum of explicit ones and
 * of base demands times factors. Returns 0, or 1 without memory. */
int steady_solve(const Network *n, const Options *o, int64_t scenarios,
                 const double *demand,                                  /* scenarios x junctions, or 0 */
                 int64_t bases, const int32_t *base_node, const int32_t *base_group,
                 const double *base, int64_t groups, const double *factor_of, /* scenarios x groups */
                 const double *fixed,                                   /* (scenarios or 1) x fixed */
                 int64_t fixed_rows, const double *setting, int64_t setting_rows,
                 const double *ground_coefficient, /* scenarios x grounds, or 0 */
                 const double *start_flow, const double *start_ground, const int32_t *start_status,
                 int64_t out_nodes, const int32_t *out_node, double *out_head, int64_t out_links,
                 const int32_t *out_link, double *out_flow, double *out_ground, int32_t *out_status,
                 int32_t *trials, double *change) {
    Work w;
    memset(&w, 0, sizeof w);
    V *coefficient = ground_coefficient ? vectors(n->grounds) : 0;
    double *settings = malloc(sizeof(double) * LANES * (size_t)(n->specials > 0 ? n->specials : 1));
    if (!make_work(n, &w) || !settings || (ground_coefficient && !coefficient)) {
        free_work(&w);
        free(settings);
        free(coefficient);
        return 1;
    }
    const int64_t blocks = (scenarios + LANES - 1) / LANES;
    for (int64_t b = 0; b < blocks; b++) {
        int64_t of[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            of[lane] = lane * blocks + b;
            if (of[lane] >= scenarios) of[lane] = scenarios - 1;
        }
        for (int lane = 0; lane < LANES; lane++) {
            if (demand) {
                const double *d = demand + of[lane] * n->junctions;
                for (int64_t j = 0; j < n->junctions; j++) w.demand[j][lane] = d[j];
            } else
                for (int64_t j = 0; j < n->junctions; j++) w.demand[j][lane] = 0.0;
            const double *f = fixed + (fixed_rows > 1 ? of[lane] : 0) * n->fixed;
            for (int64_t i = 0; i < n->fixed; i++) w.head[n->junctions + i][lane] = f[i];
            const double *s = setting + (setting_rows > 1 ? of[lane] : 0) * n->specials;
            memcpy(settings + lane * n->specials, s, sizeof(double) * n->specials);
            if (coefficient)
                for (int64_t g = 0; g < n->grounds; g++)
                    coefficient[g][lane] = ground_coefficient[of[lane] * n->grounds + g];
        }
        if (bases) {
            for (int64_t i = 0; i < bases; i++) {
                V factor_lane;
                for (int lane = 0; lane < LANES; lane++)
                    factor_lane[lane] = factor_of[of[lane] * groups + base_group[i]];
                w.demand[base_node[i]] += base[i] * factor_lane;
            }
        }
        int cold[LANES];
        for (int lane = 0; lane < LANES; lane++) cold[lane] = !(o->warm && b && trials[of[lane] - 1] > 0);
        for (int lane = 0; lane < LANES; lane++) {
            if (!cold[lane]) continue;
            for (int64_t k = 0; k < n->links; k++) w.flow[k][lane] = start_flow[k];
            for (int64_t g = 0; g < n->grounds; g++) w.ground_flow[g][lane] = start_ground[g];
            for (int64_t s = 0; s < n->specials; s++) w.status[s * LANES + lane] = start_status[s];
        }
        int32_t used[LANES];
        double err[LANES];
        solve_block(n, o, settings, 1, coefficient, &w, used, err);
        for (int lane = 0; lane < LANES; lane++) {
            if (lane * blocks + b >= scenarios) continue;
            const int64_t at = of[lane];
            trials[at] = used[lane];
            change[at] = err[lane];
            for (int64_t i = 0; i < out_nodes; i++)
                out_head[at * out_nodes + i] = w.head[out_node[i]][lane];
            for (int64_t i = 0; i < out_links; i++)
                out_flow[at * out_links + i] = w.flow[out_link[i]][lane];
            if (out_ground)
                for (int64_t g = 0; g < n->grounds; g++)
                    out_ground[at * n->grounds + g] = w.ground_flow[g][lane];
            if (out_status)
                for (int64_t s = 0; s < n->specials; s++)
                    out_status[at * n->specials + s] = w.status[s * LANES + lane];
        }
    }
    free_work(&w);
    free(settings);
    free(coefficient);
    return 0;
}

/* Solve the symmetric system of one state for many right-hand sides, eight at a time.
 * conductance: of every link; grounded: added to the diagonal. sides: count x junctions, in place. */
int steady_linear(const Network *n, const double *conductance, const double *grounded, int64_t count,
                  double *sides) {
    Work w;
    memset(&w, 0, sizeof w);
    w.diag = vectors(n->junctions);
    w.off = vectors(n->fill);
    w.column = vectors(n->junctions);
    w.head = vectors(n->junctions);
    if (!w.diag || !w.off || !w.column || !w.head) {
        free_work(&w);
        return 1;
    }
    for (int64_t j = 0; j < n->junctions; j++) w.diag[j] = SPLAT(grounded[j]);
    memset(w.off, 0, sizeof(V) * n->fill);
    for (int64_t k = 0; k < n->links; k++) {
        const int a = n->start[k], b = n->end[k];
        if (a < n->junctions) w.diag[a] += conductance[k];
        if (b < n->junctions) w.diag[b] += conductance[k];
        if (n->place[k] >= 0) w.off[n->place[k]] -= conductance[k];
    }
    factor(n, &w);
    for (int64_t first = 0; first < count; first += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            const double *side = sides + (first + lane < count ? first + lane : count - 1) * n->junctions;
            for (int64_t j = 0; j < n->junctions; j++) w.head[j][lane] = side[j];
        }
        substitute(n, &w, w.head);
        for (int lane = 0; lane < LANES && first + lane < count; lane++) {
            double *side = sides + (first + lane) * n->junctions;
            for (int64_t j = 0; j < n->junctions; j++) side[j] = w.head[j][lane];
        }
    }
    free_work(&w);
    return 0;
}
