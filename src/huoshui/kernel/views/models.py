"""Tables of what readers keep of lists."""

from __future__ import annotations

from django.db import models


class SavedView(models.Model):
    """One way to look at one list: its filters, order and columns under a name.

    Born when a reader saves what they see; replaced when they save under the same name; removed by
    its owner.
    """

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    page = models.CharField(max_length=120, help_text="Name of the list's address.")
    path = models.CharField(max_length=500, help_text="Where the list stands.")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True, help_text="What stands behind the question mark.")
    is_shared = models.BooleanField(default=False, help_text="Whoever may see the list sees it.")
    saved_at = models.DateTimeField(help_text="Time that the product's clock showed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="savedview_name_once_per_owner"
            ),
        ]
        indexes = [models.Index(fields=["page", "is_shared"], name="savedview_of_page")]

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"

    @property
    def url(self) -> str:
        """The address of the list as this view shows it."""
        return (
            f"{self.path}?{self.query}&view={self.pk}"
            if self.query
            else f"{self.path}?view={self.pk}"
        )


class ListChoice(models.Model):
    """How one reader wants one list: which columns in which order, and which view at first.

    The row with an empty page holds what is true of all lists of the reader, such as density.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    page = models.CharField(max_length=120, blank=True)
    columns = models.JSONField(default=list, help_text="Keys in order; empty: as declared.")
    default_view = models.ForeignKey(
        SavedView, models.SET_NULL, null=True, related_name="+", help_text="Shown at first."
    )
    is_dense = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="listchoice_once_per_list"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} on {self.page or 'all lists'}"
