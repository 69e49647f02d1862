"""The people and companies behind accounts. Personal data: it leaves only through the facade."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.customers import contracts


class Person(models.Model):
    """One person or company that has, or speaks for, an account. Never deleted while it does."""

    kind = models.CharField(max_length=20, default=contracts.PersonKind.PERSON)
    name = models.CharField(max_length=120)
    wechat_openid = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.PersonKind)),
                name="person_is_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        # No name: what is printed ends in logs.
        return f"person {self.pk}"


class Phone(models.Model):
    """One telephone number of somebody, as it is compared, with its own end for those who say it.

    ``tail`` is the number backwards, so that its latest digits are found by an index.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="phones")
    number = models.CharField(max_length=20)
    tail = models.CharField(max_length=20, editable=False)
    is_first = models.BooleanField(default=True, help_text="The one to call and to write to.")

    class Meta:
        indexes = [
            models.Index(fields=["number"], name="phone_by_number"),
            models.Index(fields=["tail"], name="phone_by_tail"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="phone_once_of_person"),
            models.CheckConstraint(condition=~Q(number=""), name="phone_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"telephone {self.pk}"


class NameKey(models.Model):
    """One way to type a person's name in Latin letters: zhangwei, zw. Made with the name."""

    key = models.CharField(max_length=60)
    person = models.ForeignKey(Person, models.CASCADE, related_name="keys")

    class Meta:
        indexes = [models.Index(fields=["key"], name="namekey_by_key")]

    def __str__(self) -> str:
        return f"key {self.pk} of a name"
