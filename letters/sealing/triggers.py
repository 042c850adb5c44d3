"""What two people sealed stays as it is, whatever a later mistake in the code tries.

From the moment a seal has its `sealed_at`, the database refuses to change or delete that seal, its
version and its signatures, to add a signature, and to open the letter again or delete it.

An account or a home that is to be deleted lifts this for a letter by a row in letters_unsealing
with the letter's id, in the same transaction, and removes it at the end. Nothing does that today.

The first migration runs this. On SQLite, a later one that alters letters_seal, letters_version,
letters_sealsignature or letters_letter makes the table anew, and the triggers on it are gone: such
a migration has to run `protect` again. A test looks whether they are all there.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# For each table: what happens to a row, and when that is refused. {row} is the row before.
SEALED = "SELECT 1 FROM letters_seal s WHERE {which} AND s.sealed_at IS NOT NULL"
LIFTED = "SELECT 1 FROM letters_unsealing u WHERE u.letter_id = {letter}"

SEAL = ("{row}.sealed_at IS NOT NULL", "{row}.letter_id")
VERSION = (f"EXISTS ({SEALED.format(which='s.version_id = {row}.id')})", "{row}.letter_id")
SIGNATURE = (
    f"EXISTS ({SEALED.format(which='s.id = {row}.seal_id')})",
    "(SELECT s.letter_id FROM letters_seal s WHERE s.id = {row}.seal_id)",
)
LETTER = (f"EXISTS ({SEALED.format(which='s.letter_id = {row}.id')})", "{row}.id")

TRIGGERS = [
    ("letters_seal", "UPDATE", "OLD", SEAL),
    ("letters_seal", "DELETE", "OLD", SEAL),
    ("letters_version", "UPDATE", "OLD", VERSION),
    ("letters_version", "DELETE", "OLD", VERSION),
    ("letters_sealsignature", "INSERT", "NEW", SIGNATURE),
    ("letters_sealsignature", "UPDATE", "OLD", SIGNATURE),
    ("letters_sealsignature", "DELETE", "OLD", SIGNATURE),
    ("letters_letter", "UPDATE", "OLD", LETTER),
    ("letters_letter", "DELETE", "OLD", LETTER),
]


def name(table: str, event: str) -> str:
    return f"{table}_{event.lower()}_sealed"


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for table, event, row, (refused, letter) in TRIGGERS:
        letter = letter.format(row=row)
        condition = f"{refused.format(row=row)} AND NOT EXISTS ({LIFTED.format(letter=letter)})"
        drop(schema_editor, table, event, postgres)
        if postgres:
            # A WHEN clause may not ask other tables, so the function is a thin one for each.
            function = name(table, event)
            returned = "OLD" if event == "DELETE" else "NEW"
            schema_editor.execute(
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger AS $$"
                f" BEGIN IF {condition} THEN RAISE EXCEPTION 'This letter is sealed.'"
                " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
                f" RETURN {returned}; END $$ LANGUAGE plpgsql",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {function} BEFORE {event} ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION {function}()",
                params=None,
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {name(table, event)} BEFORE {event} ON {table}"
                f" WHEN {condition}"
                " BEGIN SELECT RAISE(ABORT, 'This letter is sealed.'); END",
                params=None,
            )


def drop(schema_editor: BaseDatabaseSchemaEditor, table: str, event: str, postgres: bool) -> None:
    on = f" ON {table}" if postgres else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {name(table, event)}{on}", params=None)


def stand_aside(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for table, event, _row, _condition in TRIGGERS:
        drop(schema_editor, table, event, postgres)
        if postgres:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name(table, event)}()", params=None)
