from django.db import migrations

import couples.sealed


class Migration(migrations.Migration):

    dependencies = [
        ('principles', '0003_review_together'),
    ]

    operations = [
        migrations.AddField(
            model_name='signature',
            name='name',
            field=couples.sealed.SealedTextField(blank=True, null=True),
        ),
    ]
