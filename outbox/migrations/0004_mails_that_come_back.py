import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


def returned_mails_failed(apps, schema_editor):
    """Before this state there was no word for them; failed is the state in which a person decides, too."""
    mails = apps.get_model('outbox', 'OutgoingMail').objects.filter(status='bounced')
    mails.update(status='failed', sent_at=None, bounced_at=None)
    # What the history says of a mail must be a state that its readers know.
    schema_editor.execute(
        "ALTER TABLE outbox_outgoingmailevent DISABLE TRIGGER USER;"
        "UPDATE outbox_outgoingmailevent SET status = 'failed' WHERE status = 'bounced';"
        "ALTER TABLE outbox_outgoingmailevent ENABLE TRIGGER USER;"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0003_certificate_mails_are_kept'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='outgoingmail',
            name='mail_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='outgoingmail',
            name='decision_update',
        ),
        migrations.RemoveConstraint(
            model_name='outgoingmail',
            name='outbox_outgoingmail_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='outgoingmail',
            name='outbox_outgoingmail_sent_has_time',
        ),
        migrations.RemoveConstraint(
            model_name='outgoingmail',
            name='outbox_outgoingmail_secret_is_erased',
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='bounced_at',
            field=models.DateTimeField(null=True, verbose_name='returned'),
        ),
        migrations.AlterField(
            model_name='outgoingmail',
            name='status',
            field=models.CharField(choices=[('queued', 'Waiting'), ('sending', 'Being sent'), ('retry', 'Will be tried again'), ('sent', 'Sent'), ('failed', 'Failed'), ('ambiguous', 'May have arrived'), ('bounced', 'Returned')], default='queued', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='outgoingmailevent',
            name='status',
            field=models.CharField(choices=[('queued', 'Waiting'), ('sending', 'Being sent'), ('retry', 'Will be tried again'), ('sent', 'Sent'), ('failed', 'Failed'), ('ambiguous', 'May have arrived'), ('bounced', 'Returned')], default='queued', max_length=10, verbose_name='state'),
        ),
        migrations.RunPython(migrations.RunPython.noop, returned_mails_failed),
        pgtrigger.migrations.AddTrigger(
            model_name='outgoingmail',
            trigger=pgtrigger.compiler.Trigger(name='mail_moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{ambiguous:bounced,ambiguous:queued,ambiguous:sent,bounced:queued,failed:queued,queued:failed,queued:sending,retry:failed,retry:sending,sending:ambiguous,sending:failed,sending:retry,sending:sent,sent:bounced}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='b6a543f6ff427bf68abab790c544117c7677219d', operation='UPDATE', pgid='pgtrigger_mail_moves_96c5f', table='outbox_outgoingmail', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outgoingmail',
            trigger=pgtrigger.compiler.Trigger(name='decision_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."recipient" IS DISTINCT FROM (NEW."recipient") OR OLD."status" IN (\'ambiguous\', \'bounced\', \'failed\') OR NEW."status" = \'bounced\')', func='INSERT INTO "outbox_outgoingmailevent" ("attempts", "last_error", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recipient", "status") VALUES (OLD."attempts", OLD."last_error", _pgh_attach_context(), NOW(), \'decision\', OLD."id", OLD."recipient", OLD."status"); RETURN NULL;', hash='6ac434378efde45990549ab8221595fa64d11bce', operation='UPDATE', pgid='pgtrigger_decision_update_78a47', table='outbox_outgoingmail', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['ambiguous', 'bounced', 'failed', 'queued', 'retry', 'sending', 'sent'])), name='outbox_outgoingmail_status_known'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status__in', ['bounced', 'sent'])), models.Q(models.Q(('status__in', ['bounced', 'sent']), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='outbox_outgoingmail_sent_has_time'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bounced_at__isnull', False), ('status', 'bounced')), models.Q(models.Q(('status', 'bounced'), _negated=True), ('bounced_at__isnull', True)), _connector='OR'), name='outbox_outgoingmail_bounced_has_time'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(('is_secret', False), models.Q(('status__in', ['ambiguous', 'bounced', 'failed', 'sent']), _negated=True), models.Q(('body_html', ''), ('body_text', '')), _connector='OR'), name='outbox_outgoingmail_secret_is_erased'),
        ),
    ]
