"""Addresses of signing in and out, users and posts."""

from django.urls import path

from huoshui.kernel.accounts import pages, sign_in

app_name = "accounts"

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("sign-in/demo/", sign_in.demo_sign_in, name="demo_sign_in"),
    *pages.urlpatterns,
]
