"""Every error textsynth raises on purpose.

    TextsynthError
    ├── InvalidExample       (ValueError)   an example or corpus that breaks an invariant
    ├── FormatError          (ValueError)   a file whose content its format cannot read
    │   └── UnknownField                    a file none of whose records has a field that is to be kept
    ├── CarryError           (ValueError)   a corpus that a format cannot carry
    ├── OptionError          (ValueError)   an option that is unknown, of the wrong type or out of range
    ├── UnknownName          (LookupError)  a component, format or label that does not exist
    ├── MissingDependency    (ImportError)  an extra or a model that is not installed
    ├── InputError           (OSError)      a path that cannot be read
    ├── OutputError          (OSError)      a path that cannot be written
    │   └── StrangersError                  a directory that has files of others
    ├── RunMismatch          (ValueError)   a run directory that belongs to another recipe or source
    ├── ServerFailure        (RuntimeError) a server that cannot be reached, or refuses what it is asked
    ├── BudgetSpent          (RuntimeError) a cap on tokens or cost that stops a run
    └── Shortfall            (RuntimeError) fewer examples than asked for

A message says where, what must hold and what it was. The command line prints it as one line and exits with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class TextsynthError(Exception):
    """Root of all errors that textsynth raises on purpose."""


class InvalidExample(TextsynthError, ValueError):
    """An example or corpus breaks an invariant, such as a span that reaches outside its text."""


class FormatError(TextsynthError, ValueError):
    """A file's content is not what its format asks for; the message starts with `file:line`."""


class UnknownField(FormatError):
    """A field is to be kept that no record of a file has.

    Args:
        message: what is wrong.
        names: the fields that are missing.
    """

    def __init__(self, message: str, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = names


class CarryError(TextsynthError, ValueError):
    """A format cannot carry a part of the corpus, such as class labels in CoNLL."""


class OptionError(TextsynthError, ValueError):
    """An option is unknown, has the wrong type or lies out of its range."""


class UnknownName(TextsynthError, LookupError):
    """A name was looked up that nothing is registered under."""


class MissingDependency(TextsynthError, ImportError):
    """An optional package or a model is not installed; the message says what to install."""


class InputError(TextsynthError, OSError):
    """A path cannot be read."""


class OutputError(TextsynthError, OSError):
    """A path cannot be written: no permission, no space, or something else stands there."""


class StrangersError(OutputError):
    """A directory that was to be written has files that textsynth has not written there, or that were changed."""


class RunMismatch(TextsynthError, ValueError):
    """A run directory was begun with another recipe or another source."""


class ServerFailure(TextsynthError, RuntimeError):
    """A server cannot be reached, refuses a request, or keeps answering what cannot be used."""


class BudgetSpent(TextsynthError, RuntimeError):
    """A cap on tokens or cost was reached; all that was answered until then is kept."""


class Shortfall(TextsynthError, RuntimeError):
    """Fewer examples could be made than were asked for; the message gives the reasons."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Ends an error message about an unknown name: the nearest guess, and what there is.

    >>> nearest("wieght", ["weight", "use"])
    "did you mean 'weight'? there is: use, weight"
    >>> nearest("xyz", [])
    'there is none'
    """
    names = sorted(known)
    guesses = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {guesses[0]!r}? " if guesses else ""
    return guess + ("there is: " + ", ".join(names) if names else "there is none")
