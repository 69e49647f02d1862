"""Django's settings, derived from ours (`huoshui.kernel.settings`); nothing is chosen twice."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from datetime import timedelta

from huoshui.kernel import settings
from huoshui.project import databases
from huoshui.project.places import GO_TO_KEYS as GO_TO_KEYS
from huoshui.project.places import LANDING as LANDING
from huoshui.project.posts import POSTS as POSTS

if os.environ.get("PYTEST_VERSION") and "HUOSHUI_HOME" not in os.environ:
    # A test run must never touch the home of a person who happens to have one.
    _test_home = tempfile.mkdtemp(prefix="huoshui-test-")
    os.environ["HUOSHUI_HOME"] = _test_home
    atexit.register(shutil.rmtree, _test_home, ignore_errors=True)

chosen = settings.get()

# Without a kept secret each process makes its own, which is safe but ends every session with the
# process; `web` therefore refuses to start without one.
SECRET_KEY = (
    chosen.secret_key.get_secret_value() if chosen.secret_key else secrets.token_urlsafe(50)
)
DEBUG = chosen.debug
ALLOWED_HOSTS = [host.strip() for host in chosen.allowed_hosts.split(",") if host.strip()]

INSTALLED_APPS: tuple[str, ...] = (
    "huoshui.kernel.pages.apps.PagesConfig",
    "huoshui.kernel.errors.apps.ErrorsConfig",
    "huoshui.kernel.clock.apps.ClockConfig",
    "huoshui.kernel.accounts.apps.AccountsConfig",
    "huoshui.kernel.organisation.apps.OrganisationConfig",
    "huoshui.kernel.audit.apps.AuditConfig",
    "huoshui.kernel.events.apps.EventsConfig",
    "huoshui.kernel.jobs.apps.JobsConfig",
    "huoshui.kernel.files.apps.FilesConfig",
    "huoshui.kernel.search.apps.SearchConfig",
    "huoshui.kernel.views.apps.ViewsConfig",
    "huoshui.kernel.notices.apps.NoticesConfig",
    "huoshui.kernel.health.apps.HealthConfig",
    "huoshui.kernel.backup.apps.BackupConfig",
    "huoshui.kernel.intake.apps.IntakeConfig",
    "huoshui.kernel.cases.apps.CasesConfig",
    "huoshui.kernel.rehearsals.apps.RehearsalsConfig",
    "huoshui.areas.staff_affairs.apps.StaffAffairsConfig",
    "huoshui.areas.network.apps.NetworkConfig",
    "huoshui.areas.telemetry.apps.TelemetryConfig",
    "huoshui.areas.customers.apps.CustomersConfig",
    "huoshui.areas.fieldwork.apps.FieldworkConfig",
    "huoshui.areas.announcements.apps.AnnouncementsConfig",
    "huoshui.areas.hotline.apps.HotlineConfig",
    "huoshui.areas.surge.apps.SurgeConfig",
    "huoshui.areas.twin.apps.TwinConfig",
    "huoshui.areas.leakage.apps.LeakageConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
    "ninja",
)
AREAS = tuple(app.split(".")[2] for app in INSTALLED_APPS if app.startswith("huoshui.areas."))
# How readings come in; each describes itself in its manifest.json.
CONNECTORS: tuple[str, ...] = (
    "huoshui.connectors.mqtt",
    "huoshui.connectors.modbus",
    "huoshui.connectors.opcua",
    "huoshui.connectors.http",
    "huoshui.connectors.files",
)

MIDDLEWARE = [
    "huoshui.kernel.errors.web.ErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "huoshui.kernel.accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huoshui.kernel.accounts.middleware.DefaultDenyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "huoshui.project.urls"
WSGI_APPLICATION = "huoshui.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": databases.default(chosen)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "huoshui.kernel.accounts.second_factor.CodeBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "pages:landing"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "huoshui.kernel.accounts.sign_in.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has them
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how long it still lasts
AXES_SENSITIVE_PARAMETERS = ["code"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_NAME = "huoshui_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = chosen.https
CSRF_COOKIE_NAME = "huoshui_csrf"
CSRF_COOKIE_SECURE = chosen.https
CSRF_FAILURE_VIEW = "huoshui.kernel.errors.web.csrf_refused"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if chosen.https else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "worker-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "huoshui_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = chosen.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = chosen.debug
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": chosen.log_level.upper()},
    "loggers": {"axes": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
