import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import couples.identity


class Migration(migrations.Migration):
    dependencies = [
        ("couples", "0004_outgoing_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=couples.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("token", models.CharField(max_length=64)),
                ("place", models.CharField(blank=True, max_length=300)),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "token"), name="a_form_is_sent_once"
                    )
                ],
            },
        ),
    ]
