from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("couples", "0002_zone_and_presence"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="calling_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
