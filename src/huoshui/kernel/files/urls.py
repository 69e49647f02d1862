"""The one address of every kept file."""

from django.urls import path

from huoshui.kernel.files import views

app_name = "files"

urlpatterns = [path("files/<uuid:key>/", views.show, name="show")]
