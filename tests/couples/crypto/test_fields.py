"""What a person writes lies encrypted in the database; nothing in the files gives it away."""

import pytest
from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models, transaction

from couples.crypto.fields import Encrypted
from couples.crypto.keyring import DecryptionError
from letters.models import Reflection
from tests.people import Resident

pytestmark = pytest.mark.django_db

CANARY = "the yellow canary sings at four"


def kept(person: Resident, text: str = CANARY) -> Reflection:
    return Reflection.objects.create(person=person, question="disagree", text=text)


def raw(reflection: Reflection) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM letters_reflection")
        return bytes(cursor.fetchone()[0])


def test_the_instance_is_plain_and_the_column_is_sealed(sol: Resident) -> None:
    reflection = kept(sol)
    assert reflection.text == CANARY
    assert Reflection.objects.get().text == CANARY
    assert CANARY.encode() not in raw(reflection)


def test_a_value_moved_to_another_row_does_not_open(sol: Resident, cleo: Resident) -> None:
    kept(sol)
    stolen = Reflection.objects.values_list("text", flat=True).get()
    Reflection.objects.create(person=cleo, question="disagree", text="mine")
    Reflection.objects.filter(person=cleo).update(text=stolen)
    with pytest.raises(DecryptionError):
        _ = Reflection.objects.get(person=cleo).text


def test_saving_an_unread_row_keeps_its_words(sol: Resident) -> None:
    kept(sol)
    reflection = Reflection.objects.get()
    reflection.revision = 7
    reflection.save()
    assert Reflection.objects.get().text == CANARY


def test_a_deferred_value_opens_when_it_is_asked_for(sol: Resident) -> None:
    kept(sol)
    assert Reflection.objects.defer("text").get().text == CANARY


def test_bulk_create_seals(sol: Resident) -> None:
    rows = [Reflection(person=sol, question=str(n), text=f"{CANARY} {n}") for n in range(3)]
    Reflection.objects.bulk_create(rows)
    assert {row.text for row in Reflection.objects.all()} == {row.text for row in rows}


def test_values_stay_sealed(sol: Resident) -> None:
    kept(sol)
    value: object = Reflection.objects.values_list("text", flat=True).get()
    assert isinstance(value, Encrypted)
    assert CANARY.encode() not in bytes(value)


def test_a_sealed_field_is_neither_searched_nor_updated_nor_serialised(sol: Resident) -> None:
    kept(sol)
    with pytest.raises(FieldError):
        Reflection.objects.filter(text=CANARY).exists()
    with pytest.raises(FieldError), transaction.atomic():
        Reflection.objects.update(text="plain")
    with pytest.raises(FieldError):
        serializers.serialize("json", Reflection.objects.all())


# Columns of text that nobody writes in: how a person signs in and is called, hashes, slugs of ours,
# names that an open page gives itself.
NOT_WRITING = {
    "User.password",
    "User.email",
    "User.name",
    "User.time_zone",
    "DataKey.master",
    # How often something was done, under keys that are hashes.
    "Limit.cache_key",
    "Limit.value",
    # Ids: whose page proposed which words, not the words.
    "Document.marks",
    "Invitation.token_hash",
    # Which form somebody has sent, and the path of what came of it.
    "Submission.token",
    "Submission.place",
    "Reminder.time_zone",
    "Reminder.token_hash",
    "Session.key_hash",
    "Reflection.question",
    "Reflection.tab_id",
    "Agreement.principle",
    "CalendarFeed.token_hash",
    "Answer.tab_id",
    "Day.principle",
    "Day.tab_id",
    "Draft.kind",
    "Draft.tab_id",
    "Kept.kind",
    "Moment.kind",
    "Response.choice",
    "Side.tab_id",
    "Passage.tab_id",
    "Pledge.principle",
    "Pledge.tab_id",
    "Appreciation.tab_id",
    "ReviewMark.tab_id",
    "SharedDay.principle",
    "SharedPledge.principle",
    "Value.tab_id",
    "Way.principle",
}


def test_every_text_column_of_ours_is_sealed_or_named_here_as_no_writing() -> None:
    texts = (models.CharField, models.TextField, models.JSONField, models.FileField)
    plain = {
        f"{model.__name__}.{field.name}"
        for app in ("couples", "principles", "letters")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if isinstance(field, texts) and not field.choices
    }
    assert plain - NOT_WRITING == set()
