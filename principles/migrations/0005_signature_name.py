from django.db import migrations

import couples.sealed


class Migration(migrations.Migration):

    dependencies = [
        ('principles', '0004_reminder_mails_are_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='signature',
            name='name',
            field=couples.sealed.SealedTextField(blank=True, null=True),
        ),
    ]
