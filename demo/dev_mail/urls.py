from django.urls import path

from demo.dev_mail import views

app_name = "dev_mail"

urlpatterns = [
    path("mail/", views.messages, name="list"),
    path("mail/<str:name>/", views.message, name="message"),
    path("mail/<str:name>/source", views.source, name="source"),
]
