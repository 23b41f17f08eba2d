from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0004_waiting_since")]
    operations = [
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'waitlisted'), _negated=True), ('waitlisted_at__isnull', False), _connector='OR'), name='sessions_app_enrolment_waitlisted_has_time'),
        ),
    ]
