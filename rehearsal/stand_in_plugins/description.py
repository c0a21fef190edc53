"""The vocabulary that describes a resource type: its properties, and the requests that create, read and change it."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, TypeAlias

from rehearsal.stand_in_plugins.properties import Properties, Value

Fields: TypeAlias = "Mapping[str, Field]"
Scope: TypeAlias = Mapping[str, Value]  # a resource's values, with "answer", the API's last answer


def unchanged(value: Value) -> Value:
    return value


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property, under Pulumi's name for it."""

    api_path: str = ""  # its dotted path in the API's object; "" is the property's own name
    shape: Literal["value", "map", "block", "blocks"] = "value"
    fields: Fields = field(default_factory=dict["str", "Field"])  # of a block, or of each of its blocks
    one_item_list: bool = False  # one block in Pulumi, a list of one in the API
    set_key: str = ""  # the field that tells a set's blocks apart; the API may return them in any order
    computed: bool = False  # the API sets it if the program does not
    output: bool = False  # only the API sets it
    state_only: bool = False  # the API does not have it
    sent: bool = True  # part of the object in a request
    own_keys: bool = False  # only the keys that the program set count in this map
    replaces: bool = False
    secret: bool = False
    send_null: bool = False  # sent as null if unset
    send_empty: bool = False  # sent even if false, 0 or empty
    default: Value = None  # Check fills it in
    state_default: Value = None  # in the state if the program does not set it
    zero: Value = None  # in the state if the API leaves it out
    null_after_create: bool = False  # {} in the state, but null between a create and the next update or refresh
    template: str = ""  # an output that is made of other values
    changes_with: str = ""  # an output that changes when this property changes
    copies: bool = False  # an output that equals the property it changes with
    encode: Callable[[Value], Value] = unchanged
    decode: Callable[[Value], Value] = unchanged
    normalize: Callable[[Value], Value] = unchanged  # values with the same normal form do not differ
    state_normalized: bool = False  # the state holds the normal form, and a refresh keeps the program's spelling


def define_fields(names: str, **attributes: Value) -> Fields:
    """Describe several properties, separated by blanks, with the same attributes."""
    return {name: Field(**attributes) for name in names.split()}


@dataclass(frozen=True)
class Request:
    """One request to the API; ``{names}`` in path and query stand for the resource's values."""

    method: str
    path: str
    _: KW_ONLY
    api: str = ""  # a key of ApiClient.base_urls
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Callable[[Scope], Value] | None = None
    safe: str = "@"  # characters of values that stay as they are in the path
    upload: str = ""  # the property whose file is uploaded with the body
    skip_if: Callable[[Scope], bool] | None = None
    for_each: Callable[[Scope], list[Properties]] | None = None
    operation_error: str = ""  # the answer names a long-running operation; this precedes its error
    ignore_404: bool = False
    select: Callable[[Scope], Properties | None] | None = None  # the object in the answer; None: it does not exist


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """A resource type: its properties, the format of its id, and the requests that manage it."""

    fields: Fields
    id_format: str
    id_member: str = "id"  # what ``{id}`` in the format stands for: this member of the API's answer
    create: tuple[Request, ...]
    read: tuple[Request, ...]
    update: tuple[Request, ...] = ()
    delete: tuple[Request, ...] = ()
    read_error_prefix: str = ""
    unique_name: bool = False  # a name that the program chose must be free before it is used again
    serial: bool = False  # changes read and write the same document, so they must not overlap
    skip_empty_update: bool = False  # an update without changes only reads
    deletion_guard: str = ""  # while this property is true, deleting is refused


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of the provider (an invoke): the requests that answer it, and the fields of the answer."""

    fields: Fields
    read: tuple[Request, ...]
