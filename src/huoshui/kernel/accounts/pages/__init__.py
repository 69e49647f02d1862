"""The pages of users, posts, tokens and of oneself, one module each."""

from huoshui.kernel.accounts.pages import own, posts, tokens, users

urlpatterns = [
    *users.urlpatterns,
    *posts.urlpatterns,
    *tokens.urlpatterns,
    *own.urlpatterns,
]
