from django.urls import path

from huoshui.kernel.pages import views

app_name = "pages"

urlpatterns = [
    path("pages/landing/", views.landing, name="landing"),
    path("pages/language/", views.language, name="language"),
    path("pages/theme/", views.theme, name="theme"),
    path("pages/words/<str:language>.<str:digest>.json", views.words, name="strings"),
    path("pages/demo-clock/", views.demo_clock, name="demo_clock"),
]
