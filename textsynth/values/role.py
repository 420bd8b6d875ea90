"""Roles: which person of a record a label is about, so that DOCTOR and PATIENT are two."""

from __future__ import annotations

import re
from collections.abc import Mapping

ROLES = (
    "author", "client", "contact", "customer", "doctor", "employee", "guardian", "manager", "nurse", "patient",
    "physician", "recipient", "sender", "student", "teacher", "user",
)  # fmt: skip
"""Roles that labels are often named after."""

_NO_ROLES = frozenset(
    ("person", "per", "name", "fullname", "firstname", "givenname", "forename", "lastname", "surname", "familyname")
)
"""Labels of names that say nothing of a role."""

_ONE_NAME = ("first_name", "last_name")


def assign_roles(fields: Mapping[str, str]) -> dict[str, str]:
    """Says for each label which person of a record it is about, by the role; "" for the record's own person.

    A label that is filled with a name and is not called like one names a role: so there is one person for DOCTOR,
    another for PATIENT, and DOCTOR_EMAIL is the doctor's. What names no role is about the record's own person; if no
    label has that one's name and there is one role alone, it is about that.

    Args:
        fields: for each label, the field of the record that fills it.

    >>> assign_roles({"DOCTOR": "name", "EMAIL": "email", "PATIENT": "name", "PATIENT_EMAIL": "email"})
    {'DOCTOR': 'doctor', 'EMAIL': '', 'PATIENT': 'patient', 'PATIENT_EMAIL': 'patient'}
    >>> assign_roles({"AUTHOR": "name", "EMAIL": "email"}), assign_roles({"PERSON": "name", "SURNAME": "last_name"})
    ({'AUTHOR': 'author', 'EMAIL': 'author'}, {'PERSON': '', 'SURNAME': ''})
    """
    named = {label: _role_of_name(label, field) for label, field in fields.items() if field in ("name", *_ONE_NAME)}
    roles = sorted(set(named.values()) - {""})
    found = {label: named[label] if label in named else _owner(label, roles) for label in fields}
    alone = roles[0] if len(roles) == 1 and "" not in named.values() else ""
    return {label: role or alone for label, role in found.items()}


def role_and_field(label: str) -> tuple[str, str]:
    """Returns the role that a label begins with and the rest of it, in small letters and without marks between.

    >>> role_and_field("PATIENT_FIRST_NAME"), role_and_field("DOCTOR"), role_and_field("BIRTH_DATE")
    (('patient', 'firstname'), ('doctor', ''), ('', 'birthdate'))
    """
    first, *rest = _parts(label)
    return (first, "".join(rest)) if first in ROLES else ("", "".join([first, *rest]))


def _role_of_name(label: str, field: str) -> str:
    """Returns the role that the label of a name is about: what is left of it without the words for names."""
    parts = _parts(label)
    ending = field.split("_")
    stem = parts[: -len(ending)] if parts[-len(ending) :] == ending else parts
    role = "_".join(stem)
    if "".join(stem) in _NO_ROLES or (field in _ONE_NAME and stem[:1] and stem[0] not in ROLES):
        return ""
    return role


def _owner(label: str, roles: list[str]) -> str:
    """Returns the role that a label begins with, the longest if there are several."""
    whole = "_".join(_parts(label))
    return max((role for role in roles if whole.startswith(f"{role}_")), key=len, default="")


def _parts(label: str) -> list[str]:
    return re.split(r"[_\s-]+", label.lower().strip("_- ")) or [label]
