"""The pages of users, posts, tokens and of oneself, one module each."""

from huoshui.kernel.accounts.pages import matrix, own, posts, tokens, users

urlpatterns = [
    *users.urlpatterns,
    *matrix.urlpatterns,
    *posts.urlpatterns,
    *tokens.urlpatterns,
    *own.urlpatterns,
]
