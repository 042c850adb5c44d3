"""Model fields whose values lie encrypted in the database and are plain on the instance.

A model with encrypted fields says with `key_owner_id` whose data key encrypts them: the id of a
person for private writing, of a workspace for shared writing. Values are decrypted when first
looked at.
An encrypted value can be neither searched for nor set by `QuerySet.update()`: both raise.
"""

from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from couples.crypto import keyring


class Encrypted(bytes):
    """Bytes as they lie in the database, not opened yet."""


class HasKeyOwner(Protocol):
    @property
    def key_owner_id(self) -> UUID: ...


class EncryptedAttribute(DeferredAttribute):
    """Opens the value when it is first read. Its `__set__` makes it win over the instance dict."""

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Encrypted):
            field = cast("EncryptedField[Any, Any, Any]", self.field)
            value = instance.__dict__[field.attname] = field.decrypt(instance, value)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    # Of no type yet: to the stubs a BinaryField is of bytes, in every subclass, too.
    class Column[S, G](models.Field[S, G]): ...

else:

    class Column(models.BinaryField):
        """Only the type checker knows fields as generic."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


class EncryptedField[T: (str, bytes), S, G](Column[S, G]):
    """What both fields share; subclasses say how plain values become bytes and back.

    S and G are what is set and got, as in every field of Django's: the type of the values (which
    each subclass names for the plugin of mypy), and None as well with `null=True`.
    """

    descriptor_class = EncryptedAttribute

    def to_bytes(self, value: T) -> bytes:
        raise NotImplementedError

    def from_bytes(self, data: bytes) -> T:
        raise NotImplementedError

    def binding(self, instance: models.Model) -> keyring.Binding:
        pk = instance.pk
        row = ":".join(str(part) for part in (pk if isinstance(pk, tuple) else (pk,)))
        return keyring.Binding(instance._meta.db_table, row, self.attname)

    def decrypt(self, instance: models.Model, value: Encrypted) -> T:
        return self.from_bytes(keyring.decrypt(self.binding(instance), value))

    def pre_save(self, instance: models.Model, add: bool) -> Encrypted | None:
        value = instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Encrypted):
            return value
        owner = cast(HasKeyOwner, instance).key_owner_id
        return Encrypted(keyring.encrypt(owner, self.binding(instance), self.to_bytes(value)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Encrypted | None:
        return None if value is None else Encrypted(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Encrypted):
            raise FieldError(f"{self.name} is encrypted: set it on the instance and save that.")
        return super().get_prep_value(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be searched.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted: it is not serialised.")


class EncryptedTextField[S = Any, G = Any](EncryptedField[str, S, G]):
    _pyi_private_set_type: str
    _pyi_private_get_type: str

    def get_default(self) -> str | None:
        return None if self.null else ""

    def to_bytes(self, value: str) -> bytes:
        return value.encode()

    def from_bytes(self, data: bytes) -> str:
        return data.decode()


class EncryptedBinaryField[S = Any, G = Any](EncryptedField[bytes, S, G]):
    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes

    def to_bytes(self, value: bytes) -> bytes:
        return bytes(value)

    def from_bytes(self, data: bytes) -> bytes:
        return data
