"""What a resource type is described with: its properties, and the requests that make, read, change and delete it."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, TypeAlias

from rehearsal.stand_in_plugins.properties import Properties, Value

Fields: TypeAlias = "Mapping[str, Field]"
Scope: TypeAlias = Mapping[str, Value]  # a resource's values, with "answer", what the API said last


def as_it_is(value: Value) -> Value:
    """Return ``value``."""
    return value


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property, under Pulumi's name for it."""

    wire: str = ""  # where it lies in the API's object, dotted; "" is the property's own name
    shape: Literal["value", "map", "block", "blocks"] = "value"
    fields: Fields = field(default_factory=dict["str", "Field"])  # of a block, or of each of its blocks
    single: bool = False  # one block to Pulumi, a list of one to the API
    key: str = ""  # what tells a set's blocks apart; the API may give them in any order
    computed: bool = False  # the API fills it in when the program does not
    output: bool = False  # only the API says it
    local: bool = False  # only the state holds it
    sent: bool = True  # part of the object in a request
    owned: bool = False  # of this map only the program's own keys count
    replaces: bool = False
    secret: bool = False
    always: bool = False  # sent as null when unset
    zero: bool = False  # sent even when false, 0 or empty
    default: Value = None  # Check fills it in
    initial: Value = None  # what the state holds when the program says nothing
    template: str = ""  # an output that follows from other values
    follows: str = ""  # an output that changes with this property
    copies: bool = False  # and is the same, where the program sets it
    encode: Callable[[Value], Value] = as_it_is
    decode: Callable[[Value], Value] = as_it_is
    normal: Callable[[Value], Value] = as_it_is  # values with one normal form do not differ
    kept: bool = False  # the state holds the normal form, a refresh keeps the program's own


def several(names: str, **what: Value) -> Fields:
    """Describe several properties alike."""
    return {name: Field(**what) for name in names.split()}


@dataclass(frozen=True)
class Request:
    """One request to the API; ``{names}`` in path and query stand for the resource's values."""

    method: str
    path: str
    _: KW_ONLY
    api: str = ""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Callable[[Scope], Value] | None = None
    source: str = ""  # the property whose file is uploaded with the body
    unless: Callable[[Scope], bool] | None = None
    each: Callable[[Scope], list[Properties]] | None = None
    operation: str = ""  # what to call the long-running operation that the answer names
    gone: bool = False  # 404 is as good as done
    pick: Callable[[Scope], Properties | None] | None = None  # the object in the answer; None: it is gone


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """Everything that the stand-in knows of one resource type."""

    fields: Fields
    identity: str
    create: tuple[Request, ...]
    read: tuple[Request, ...]
    update: tuple[Request, ...] = ()
    delete: tuple[Request, ...] = ()
    reading: str = ""  # what precedes the message when a read is refused
    insists: bool = False  # 404 on a read is an error, not an absence
    named: bool = False  # a name of the program's own is freed before it is taken again
    serial: bool = False  # two changes at once would lose one
    idle: bool = False  # an update that changes nothing only reads
    guard: str = ""  # while this property is true, deleting is refused


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """A function of the provider: the requests that answer it, and the fields of the answer."""

    fields: Fields
    read: tuple[Request, ...]
