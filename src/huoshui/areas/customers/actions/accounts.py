"""What people do with accounts: declining channels, further people, key-account managers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import contracts, queries, registering, rules, stating
from huoshui.areas.customers.contracts import Channel, Role
from huoshui.areas.customers.models import Account, AccountPerson, OptOut, Person, ServicePoint
from huoshui.areas.customers.refusals import Impossible, NoSuch
from huoshui.kernel import audit, clock, events

AT_ONCE = 2_000


def keep_accounts(rows: Iterable[stating.Row], *, by_id: int | None) -> tuple[int, int]:
    """Make and change accounts from what is stated of them; return how many of each.

    Publishes `CustomersImported`. The import checks rows first; this takes them as they are.
    """
    now = clock.now()
    with transaction.atomic():
        writer = registering.Writer(now)
        batch: list[stating.Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) >= AT_ONCE:
                writer.write(batch)
                batch = []
        if batch:
            writer.write(batch)
        audit.record(
            by_id, "customers.accounts_kept", "customers.accounts",
            {"created": writer.created, "changed": writer.changed},
        )  # fmt: skip
        events.publish(
            contracts.CustomersImported(
                created=writer.created, changed=writer.changed, at=now, by_id=by_id
            )
        )
    return writer.created, writer.changed


def choose_channels(account_code: str, declined: Iterable[Channel], *, by_id: int | None) -> None:
    """Say by which channels the holder of an account does not want to be reached."""
    wanted = {str(one) for one in declined}
    with transaction.atomic():
        account = _account(account_code)
        before = set(
            OptOut.objects.filter(person=account.holder_id).values_list("channel", flat=True)
        )
        if before == wanted:
            return
        OptOut.objects.filter(person=account.holder_id, channel__in=before - wanted).delete()
        for channel in sorted(wanted - before):
            OptOut.objects.create(
                person_id=account.holder_id, channel=channel, since_at=clock.now(), by_id=by_id
            )
        audit.record(
            by_id, "customers.channels_chosen", f"customers.account:{account_code}",
            {"before": {"declined": sorted(before)}, "after": {"declined": sorted(wanted)}},
        )  # fmt: skip


def choose_key_manager(account_code: str, user_id: int | None, *, by_id: int | None) -> None:
    """Say who looks after a large customer in person; None ends it."""
    with transaction.atomic():
        account = _account(account_code)
        if account.key_manager_id == user_id:
            return
        account.key_manager_id = user_id
        account.save(update_fields=["key_manager"])
        audit.record(
            by_id, "customers.key_manager_chosen", f"customers.account:{account_code}",
            {"assigned_to": user_id},
        )  # fmt: skip


def tag_exposed(accounts: Iterable[int], *, exposed: bool, by_id: int | None) -> int:
    """Say of accounts that their meters are exposed to frost, or no longer; return how many change.

    ``accounts`` are keys. An account without a meter has nothing to tag and is passed over.
    """
    changed = 0
    with transaction.atomic():
        for batch in queries.in_batches(sorted(set(accounts)), AT_ONCE):
            points = ServicePoint.objects.filter(account__in=batch, is_exposed=not exposed)
            codes = sorted(set(points.values_list("account__code", flat=True)))
            if not codes:
                continue
            points.update(is_exposed=exposed)
            changed += len(codes)
            subject = f"customers.account:{codes[0]}" if len(codes) == 1 else "customers.accounts"
            audit.record(
                by_id, "customers.exposed_tagged", subject,
                {"exposed": exposed, "count": len(codes), "codes": codes},
            )  # fmt: skip
    return changed


def add_person(
    account_code: str, *, name: str, phone: str, role: Role, by_id: int | None
) -> AccountPerson:
    """Add somebody who may speak for an account beside its holder.

    Refuses with `customers.no_such`, and with `customers.impossible` a number that is none.
    """
    digits = rules.phone_digits(phone)
    if not name.strip() or len(digits) < 5:
        raise Impossible(
            _("A name and a telephone number are needed."), _("Write both, the number in digits.")
        )
    with transaction.atomic():
        account = _account(account_code)
        person = Person.objects.filter(name=name.strip(), phones__number=digits).first()
        if person is None:
            person = Person.objects.create(
                name=name.strip()[:120], kind=contracts.PersonKind.PERSON
            )
            person.phones.create(number=digits[:20], tail=digits[:20][::-1])
            registering.Writer(clock.now()).keep_names([person])
        row, made = AccountPerson.objects.update_or_create(
            account=account, person=person, defaults={"role": str(role)}
        )
        audit.record(
            by_id, "customers.person_added", f"customers.account:{account_code}",
            {"role": str(role), "new": made},
        )  # fmt: skip
    return row


def _account(code: str) -> Account:
    row = Account.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NoSuch(_("Account"), code)
    return row
