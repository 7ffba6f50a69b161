from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from core.ids import PublicIdField


class UserManager(BaseUserManager["User"]):
    """Makes users; a mail address is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **facts: Any) -> "User":
        """A user with this password; without one, login is impossible until a link sets it."""
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **facts: Any) -> "User":
        """An operator: opens /admin/, belongs to no workspace."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **facts)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, in any letter case."""
        return self.get(email=(username or "").strip().lower())


NOTICE_CHOICES = [
    ("at_once", "Immediately, plus a digest of waiting actions"),
    ("digest", "Digest only, hourly during working hours"),
    ("none", "None"),
]


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in by mail address. `is_staff` is the operator, not a workspace role.

    `email_verified_at` is when a link was opened that was made for the address.
    """

    id = PublicIdField("usr", primary_key=True)
    email = models.EmailField(unique=True)
    email_verified_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    notices = models.CharField(max_length=8, choices=NOTICE_CHOICES, default="at_once")
    time_zone = models.CharField(max_length=64, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        """The first name, or the address."""
        return self.name.split(" ")[0] if self.name else self.email
