"""What a recipe wants that only the person who runs it may allow: keys for servers, and files that can run code.

A recipe may come from anybody. So a key goes to the host of its own provider, or where the person says; and code that
comes with a model runs, or weights that are pickle are opened, only if the person says so beside the recipe.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from textsynth.errors import OptionError, UnknownName, nearest
from textsynth.recipes.inputs import check_places

TRUST = {"trust_remote_code": "code", "pickle": "pickle"}
"""Options that run what others wrote, and the word that allows each."""

TRUST_VARIABLE, KEYS_VARIABLE = "TEXTSYNTH_TRUST", "TEXTSYNTH_KEY_ENV"
"""Variables of the environment with which a person allows for good what `--trust` and `--key-env` allow for once."""

PROVIDERS = {
    "ANTHROPIC_API_KEY": ("api.anthropic.com",),
    "CEREBRAS_API_KEY": ("api.cerebras.ai",),
    "DEEPSEEK_API_KEY": ("api.deepseek.com",),
    "FIREWORKS_API_KEY": ("api.fireworks.ai",),
    "GEMINI_API_KEY": ("generativelanguage.googleapis.com",),
    "GROQ_API_KEY": ("api.groq.com",),
    "HF_TOKEN": ("router.huggingface.co", "api-inference.huggingface.co"),
    "MISTRAL_API_KEY": ("api.mistral.ai",),
    "NVIDIA_API_KEY": ("integrate.api.nvidia.com",),
    "OPENAI_API_KEY": ("api.openai.com",),
    "OPENROUTER_API_KEY": ("openrouter.ai",),
    "TOGETHER_API_KEY": ("api.together.xyz",),
    "XAI_API_KEY": ("api.x.ai",),
}
"""Keys that a recipe may name, and the hosts of their providers, to which alone they go."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class KeyUse:
    """A key that a recipe has sent to a server.

    Args:
        step: the step or labeler that sends it.
        name: of the environment variable that holds it.
        host: of the server, with its port if it has one.
        is_encrypted: whether nobody between can read it.
    """

    step: str
    name: str
    host: str
    is_encrypted: bool

    def __str__(self) -> str:
        """Says which key goes where."""
        return f"{self.step}: sends the key {self.name} to {self.host}"


@dataclass(frozen=True)
class Permission:
    """What the person who runs a recipe allows it.

    Args:
        trust: words of `TRUST`: what may run that others wrote.
        keys: for names of keys, the hosts they may go to.
        folder: that all files must be in which the recipe names; any will do if None.
    """

    trust: frozenset[str] = frozenset()
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    folder: Path | None = None

    @classmethod
    def of(cls, trust: Sequence[str] = (), key_env: Sequence[str] = (), *, folder: Path | None = None) -> Permission:
        """Reads what a person allows, here and by the variables of the environment.

        Args:
            trust: words of `TRUST`, several with commas between.
            key_env: names of keys, each alone, for servers of this machine, or as NAME=HOST.
            folder: that the recipe's files must be in; any will do if None.

        Raises:
            UnknownName: for a word that allows nothing.
            OptionError: for a key without a name.
        """
        words = frozenset(_split([*trust, os.environ.get(TRUST_VARIABLE, "")]))
        for word in words:
            if word not in TRUST.values():
                raise UnknownName(f"--trust: there is nothing of the name {word!r}; {nearest(word, TRUST.values())}")
        keys: dict[str, frozenset[str]] = {name: frozenset(hosts) for name, hosts in PROVIDERS.items()}
        for pair in _split([*key_env, os.environ.get(KEYS_VARIABLE, "")]):
            name, _, host = pair.partition("=")
            if not name:
                raise OptionError(f"--key-env must be NAME or NAME=HOST, was: {pair!r}")
            keys[name] = keys.get(name, frozenset()) | ({host} if host else set(_THIS_MACHINE))
        return cls(words, keys, folder)

    def allows(self, use: KeyUse) -> bool:
        """Says whether a key may go where a recipe sends it."""
        hosts = self.keys.get(use.name, frozenset())
        host = use.host if use.host in hosts else use.host.rpartition(":")[0] or use.host
        provided = host in PROVIDERS.get(use.name, ())
        return host in hosts and (use.is_encrypted or not provided)


def list_keys(content: Mapping[str, Any]) -> list[KeyUse]:
    """Returns the keys that a resolved recipe sends, and where."""
    found = []
    for step, table in _tables(content):
        server = table.get("server")
        if isinstance(server, Mapping) and server.get("api_key_env") and table.get("backend") == "server":
            address = urlsplit(str(server.get("base_url")))
            host = address.netloc.rpartition("@")[2].lower()
            found.append(KeyUse(step, str(server["api_key_env"]), host, address.scheme == "https"))
    return found


def check_permission(
    content: Mapping[str, Any], permission: Permission | None = None, *, asked: Sequence[str] = ()
) -> None:
    """Checks that the person who runs a recipe allows what it wants, before anything is read or sent.

    Args:
        content: of the resolved recipe.
        permission: what is allowed; what the variables of the environment allow if None.
        asked: the sections that will be at work, such as "labeler"; all if empty.

    Raises:
        InputError: for a file that may not be read.
        OptionError: for the first thing that is not allowed, with what allows it.
    """
    permission = permission or Permission.of()
    check_places(content, permission.folder)
    content = {name: value for name, value in content.items() if name in asked or not asked}
    for step, table in _tables(content):
        for option, word in TRUST.items():
            if table.get(option) is True and word not in permission.trust:
                raise OptionError(
                    f"{step}: option {option!r} must be allowed by who runs the recipe, as it can run any code; "
                    f"--trust {word} allows it"
                )
    for use in list_keys(content):
        if not permission.allows(use):
            raise OptionError(
                f"{use.step}: option 'api_key_env': the key {use.name} must go to a host of its provider by https, or "
                f"where who runs the recipe says; it would go to {use.host}; "
                f"--key-env {use.name}={use.host} allows that"
            )


def _tables(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields each table of options in a recipe, however deep, with the name of its step or section."""
    for kind, value in content.items():
        for part in value if isinstance(value, list) else [value]:
            name = f"{kind} {part['name']!r}" if isinstance(part, Mapping) and "name" in part else kind
            yield from ((name, table) for table in _walk(part))


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        yield from _walk(inner)


def _split(words: Sequence[str]) -> list[str]:
    return [each.strip() for word in words for each in word.split(",") if each.strip()]
