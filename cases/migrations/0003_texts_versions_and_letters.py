"""The text of a case, its versions and reviews, the hub's team and its letters."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from core.migration_operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_presenter_and_session'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('sessions_app', '0007_attendance_by_statement'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together([
        migrations.CreateModel(
            name='CaseFollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('better', 'Better'), ('same', 'About the same'), ('worse', 'Worse'), ('unknown', 'I do not know')], max_length=10, verbose_name='how the patient is')),
                ('text', models.TextField(max_length=5000, verbose_name='what happened')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
            ],
            options={
                'verbose_name': 'follow-up of a case',
                'verbose_name_plural': 'follow-ups of cases',
            },
        ),
        migrations.CreateModel(
            name='CaseFollowUpEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('outcome', models.CharField(choices=[('better', 'Better'), ('same', 'About the same'), ('worse', 'Worse'), ('unknown', 'I do not know')], max_length=10, verbose_name='how the patient is')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('case', 'The case'), ('summary', 'The one-page summary'), ('review', 'The review'), ('recommendations', 'The recommendations being written'), ('letter', 'The letter')], max_length=20, verbose_name='what')),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='read')),
            ],
            options={
                'verbose_name': 'reading of a case',
                'verbose_name_plural': 'readings of cases',
                'ordering': ['-read_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='CaseReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(choices=[('approved', 'Approved'), ('returned', 'Returned')], max_length=10, verbose_name='decision')),
                ('comments', models.TextField(blank=True, max_length=4000, verbose_name='comments')),
                ('reviewed_at', models.DateTimeField(verbose_name='reviewed')),
            ],
            options={
                'verbose_name': 'review of a case',
                'verbose_name_plural': 'reviews of cases',
                'ordering': ['-reviewed_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CaseReviewEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('decision', models.CharField(choices=[('approved', 'Approved'), ('returned', 'Returned')], max_length=10, verbose_name='decision')),
                ('reviewed_at', models.DateTimeField(verbose_name='reviewed')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='content')),
                ('findings', models.JSONField(default=list, help_text="Where in which field, what kind, how serious, why, and the author's explanation.", verbose_name='findings')),
                ('revision', models.PositiveIntegerField(default=0, help_text='Raised at each save: a second tab that writes is told.', verbose_name='revision')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
            ],
            options={
                'verbose_name': 'text of a case',
                'verbose_name_plural': 'texts of cases',
            },
        ),
        migrations.CreateModel(
            name='CaseTextEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('revision', models.PositiveIntegerField(default=0, help_text='Raised at each save: a second tab that writes is told.', verbose_name='revision')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('content', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='content')),
                ('findings', models.JSONField(default=list, verbose_name='findings')),
                ('attestation', models.TextField(help_text='The words that were signed.', verbose_name='attestation')),
                ('signed_name', models.CharField(help_text='As typed under the attestation.', max_length=200, verbose_name='signed')),
                ('submitted_at', models.DateTimeField(verbose_name='handed in')),
                ('struck_at', models.DateTimeField(blank=True, null=True, verbose_name='struck out')),
            ],
            options={
                'verbose_name': 'version of a case',
                'verbose_name_plural': 'versions of cases',
                'ordering': ['case', 'number'],
            },
        ),
        migrations.CreateModel(
            name='CaseVersionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('attestation', models.TextField(help_text='The words that were signed.', verbose_name='attestation')),
                ('signed_name', models.CharField(help_text='As typed under the attestation.', max_length=200, verbose_name='signed')),
                ('submitted_at', models.DateTimeField(verbose_name='handed in')),
                ('struck_at', models.DateTimeField(blank=True, null=True, verbose_name='struck out')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HubMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('specialist', 'Specialist'), ('partner', 'Community partner')], default='specialist', max_length=10, verbose_name='role')),
                ('title', models.CharField(blank=True, help_text='For example “Pain physician, Toronto”.', max_length=200, verbose_name='title in letters')),
                ('title_fr', models.CharField(blank=True, max_length=200, verbose_name='title in letters, in French')),
                ('may_sign', models.BooleanField(default=False, help_text='Signs for the hub what several have written.', verbose_name='may sign letters')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'member of the hub team',
                'verbose_name_plural': 'hub team',
                'ordering': ['program', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HubMemberEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('specialist', 'Specialist'), ('partner', 'Community partner')], default='specialist', max_length=10, verbose_name='role')),
                ('title', models.CharField(blank=True, help_text='For example “Pain physician, Toronto”.', max_length=200, verbose_name='title in letters')),
                ('title_fr', models.CharField(blank=True, max_length=200, verbose_name='title in letters, in French')),
                ('may_sign', models.BooleanField(default=False, help_text='Signs for the hub what several have written.', verbose_name='may sign letters')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LibraryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('search', django.contrib.postgres.search.SearchVectorField(help_text='In English and in French.', verbose_name='words')),
                ('indexed_at', models.DateTimeField(verbose_name='indexed')),
            ],
            options={
                'verbose_name': 'entry of the library',
                'verbose_name_plural': 'library',
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('heading', models.CharField(choices=[('assessment', 'Assessment and diagnosis'), ('pharmacological', 'Pharmacological'), ('non_pharmacological', 'Non-pharmacological'), ('interventional', 'Interventional'), ('biopsychosocial', 'Biopsychosocial'), ('referral', 'Referral and community resources')], max_length=20, verbose_name='heading')),
                ('text', models.TextField(blank=True, max_length=5000, verbose_name='text')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='revision')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
            ],
            options={
                'verbose_name': 'recommendation',
                'verbose_name_plural': 'recommendations',
                'ordering': ['case', 'heading', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RecommendationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('heading', models.CharField(choices=[('assessment', 'Assessment and diagnosis'), ('pharmacological', 'Pharmacological'), ('non_pharmacological', 'Non-pharmacological'), ('interventional', 'Interventional'), ('biopsychosocial', 'Biopsychosocial'), ('referral', 'Referral and community resources')], max_length=20, verbose_name='heading')),
                ('revision', models.PositiveIntegerField(default=0, verbose_name='revision')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RecommendationLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('opening', models.TextField(blank=True, max_length=2000, verbose_name='opening words')),
                ('items', models.JSONField(help_text="In the order of the letter: heading, text, author, and the author's title.", verbose_name='recommendations')),
                ('correction', models.CharField(blank=True, help_text='Empty in the first letter.', max_length=500, verbose_name='what is corrected')),
                ('signed_name', models.CharField(max_length=200, verbose_name='signed')),
                ('signed_title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('signed_at', models.DateTimeField(verbose_name='signed')),
                ('visible_to_cycle_at', models.DateTimeField(help_text='The presenter has it from its signature on.', verbose_name='visible to the cycle')),
            ],
            options={
                'verbose_name': 'letter of recommendations',
                'verbose_name_plural': 'letters of recommendations',
                'ordering': ['case', 'number'],
            },
        ),
        migrations.CreateModel(
            name='RecommendationLetterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('correction', models.CharField(blank=True, help_text='Empty in the first letter.', max_length=500, verbose_name='what is corrected')),
                ('signed_name', models.CharField(max_length=200, verbose_name='signed')),
                ('signed_title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('signed_at', models.DateTimeField(verbose_name='signed')),
                ('visible_to_cycle_at', models.DateTimeField(help_text='The presenter has it from its signature on.', verbose_name='visible to the cycle')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SuggestedRecommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('heading', models.CharField(choices=[('assessment', 'Assessment and diagnosis'), ('pharmacological', 'Pharmacological'), ('non_pharmacological', 'Non-pharmacological'), ('interventional', 'Interventional'), ('biopsychosocial', 'Biopsychosocial'), ('referral', 'Referral and community resources')], max_length=20, verbose_name='heading')),
                ('text', models.TextField(max_length=2000, verbose_name='text')),
                ('text_fr', models.TextField(blank=True, max_length=2000, verbose_name='text in French')),
                ('is_active', models.BooleanField(default=True, verbose_name='offered')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
            ],
            options={
                'verbose_name': 'suggested recommendation',
                'verbose_name_plural': 'suggested recommendations',
                'ordering': ['program', 'heading', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SuggestedRecommendationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('heading', models.CharField(choices=[('assessment', 'Assessment and diagnosis'), ('pharmacological', 'Pharmacological'), ('non_pharmacological', 'Non-pharmacological'), ('interventional', 'Interventional'), ('biopsychosocial', 'Biopsychosocial'), ('referral', 'Referral and community resources')], max_length=20, verbose_name='heading')),
                ('text', models.TextField(max_length=2000, verbose_name='text')),
                ('text_fr', models.TextField(blank=True, max_length=2000, verbose_name='text in French')),
                ('is_active', models.BooleanField(default=True, verbose_name='offered')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
            ],
            options={
                'abstract': False,
            },
        ),
        ]),
        Together([
        migrations.AlterModelOptions(
            name='casesubmission',
            options={'ordering': ['-created_at', 'pk'], 'permissions': [('review_casesubmission', 'Can review cases and schedule them')], 'verbose_name': 'case', 'verbose_name_plural': 'cases'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='casesubmission',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='casesubmission',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='casesubmission',
            name='delete_delete',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casesubmission',
            trigger=pgtrigger.compiler.Trigger(name='case_moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{approved:scheduled,draft:submitted,in_review:approved,in_review:returned,presented:recommendations_sent,returned:submitted,scheduled:presented,submitted:in_review}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='332278945028ba9d73cd3a9f83ce5412fdc12413', operation='UPDATE', pgid='pgtrigger_case_moves_61c4b', table='cases_casesubmission', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casesubmission',
            trigger=pgtrigger.compiler.Trigger(name='case_keeps_its_name', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."echo_id" IS DISTINCT FROM (NEW."echo_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='507bff9bbd38fc6164e38e5b3aeaaf0fe5ca9744', operation='UPDATE', pgid='pgtrigger_case_keeps_its_name_36f94', table='cases_casesubmission', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casesubmission',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casesubmissionevent" ("created_at", "echo_id", "id", "moved_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenter_id", "session_id", "status", "version_id") VALUES (NEW."created_at", NEW."echo_id", NEW."id", NEW."moved_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."presenter_id", NEW."session_id", NEW."status", NEW."version_id"); RETURN NULL;', hash='f490ec45ae0e4db3082bb33d5aa1c5ab67044e0b', operation='INSERT', pgid='pgtrigger_insert_insert_55b05', table='cases_casesubmission', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casesubmission',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_casesubmissionevent" ("created_at", "echo_id", "id", "moved_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenter_id", "session_id", "status", "version_id") VALUES (NEW."created_at", NEW."echo_id", NEW."id", NEW."moved_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."presenter_id", NEW."session_id", NEW."status", NEW."version_id"); RETURN NULL;', hash='4f51d1315a7de8d1dda9583904eb1e1b794dc360', operation='UPDATE', pgid='pgtrigger_update_update_885a4', table='cases_casesubmission', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casesubmission',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casesubmissionevent" ("created_at", "echo_id", "id", "moved_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenter_id", "session_id", "status", "version_id") VALUES (OLD."created_at", OLD."echo_id", OLD."id", OLD."moved_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."presenter_id", OLD."session_id", OLD."status", OLD."version_id"); RETURN NULL;', hash='0106bb9530c55b8e8f4458fb96abc282f943284b', operation='DELETE', pgid='pgtrigger_delete_delete_408b6', table='cases_casesubmission', when='AFTER')),
        ),
        migrations.AddField(
            model_name='casefollowup',
            name='case',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='follow_up', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='casefollowupevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='casefollowupevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='casefollowupevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.casefollowup'),
        ),
        migrations.AddField(
            model_name='casereading',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='casereading',
            name='reader',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_readings', to=settings.AUTH_USER_MODEL, verbose_name='reader'),
        ),
        migrations.AddField(
            model_name='casereview',
            name='reviewed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by'),
        ),
        migrations.AddField(
            model_name='casereviewevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='casereviewevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.casereview'),
        ),
        migrations.AddField(
            model_name='casereviewevent',
            name='reviewed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by'),
        ),
        migrations.AddField(
            model_name='casetext',
            name='case',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='text', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='casetextevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='casetextevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='casetextevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.casetext'),
        ),
        migrations.AddField(
            model_name='caseversion',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='caseversion',
            name='struck_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='struck out by'),
        ),
        migrations.AddField(
            model_name='casereviewevent',
            name='version',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.caseversion', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='casereview',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='cases.caseversion', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='casereading',
            name='version',
            field=models.ForeignKey(help_text="Empty for the author's own draft.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.caseversion', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='casesubmission',
            name='version',
            field=models.ForeignKey(editable=False, help_text='What was handed in last. Nothing can be handed in after the approval.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.caseversion', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='casesubmissionevent',
            name='version',
            field=models.ForeignKey(db_constraint=False, editable=False, help_text='What was handed in last. Nothing can be handed in after the approval.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.caseversion', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='caseversionevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='caseversionevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='caseversionevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.caseversion'),
        ),
        migrations.AddField(
            model_name='caseversionevent',
            name='struck_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='struck out by'),
        ),
        migrations.AddField(
            model_name='hubmember',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hub_members', to='sessions_app.program', verbose_name='program'),
        ),
        migrations.AddField(
            model_name='hubmember',
            name='user',
            field=models.ForeignKey(help_text='An account that works in the administration, so that a second factor protects it.', on_delete=django.db.models.deletion.PROTECT, related_name='hub_memberships', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='hubmemberevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='hubmemberevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.hubmember'),
        ),
        migrations.AddField(
            model_name='hubmemberevent',
            name='program',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sessions_app.program', verbose_name='program'),
        ),
        migrations.AddField(
            model_name='hubmemberevent',
            name='user',
            field=models.ForeignKey(db_constraint=False, help_text='An account that works in the administration, so that a second factor protects it.', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='libraryentry',
            name='case',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='library_entry', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to=settings.AUTH_USER_MODEL, verbose_name='author'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recommendations', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='recommendationevent',
            name='author',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author'),
        ),
        migrations.AddField(
            model_name='recommendationevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='recommendationevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='recommendationevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.recommendation'),
        ),
        migrations.AddField(
            model_name='recommendationletter',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='recommendationletter',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed by'),
        ),
        migrations.AddField(
            model_name='recommendationletterevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.casesubmission', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='recommendationletterevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='recommendationletterevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.recommendationletter'),
        ),
        migrations.AddField(
            model_name='recommendationletterevent',
            name='signed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed by'),
        ),
        migrations.AddField(
            model_name='suggestedrecommendation',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='sessions_app.program', verbose_name='program'),
        ),
        migrations.AddField(
            model_name='suggestedrecommendationevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='suggestedrecommendationevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.suggestedrecommendation'),
        ),
        migrations.AddField(
            model_name='suggestedrecommendationevent',
            name='program',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sessions_app.program', verbose_name='program'),
        ),
        migrations.AddConstraint(
            model_name='casefollowup',
            constraint=models.CheckConstraint(condition=models.Q(('text__regex', '^\\s*$'), _negated=True), name='cases_casefollowup_says_something', violation_error_message='Write what happened.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casefollowup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casefollowupevent" ("case_id", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reported_at") VALUES (NEW."case_id", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reported_at"); RETURN NULL;', hash='0913216fd2b502595af35eaec71137cd19eea496', operation='INSERT', pgid='pgtrigger_insert_insert_fd78f', table='cases_casefollowup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casefollowup',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."reported_at" IS DISTINCT FROM (NEW."reported_at"))', func='INSERT INTO "cases_casefollowupevent" ("case_id", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reported_at") VALUES (NEW."case_id", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reported_at"); RETURN NULL;', hash='09ed7b42d67369784225d1b54e4bea01010c6baa', operation='UPDATE', pgid='pgtrigger_update_update_10f19', table='cases_casefollowup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casefollowup',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casefollowupevent" ("case_id", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reported_at") VALUES (OLD."case_id", OLD."id", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reported_at"); RETURN NULL;', hash='f35a383de6e6c54ab713c5f7d8caf5c5fea3a5a3', operation='DELETE', pgid='pgtrigger_delete_delete_c2073', table='cases_casefollowup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casefollowupevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2437ff296b0db082fafb82189f44da3c83ffea57', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2bc93', table='cases_casefollowupevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casetext',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casetextevent" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (NEW."case_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revision", NEW."saved_at"); RETURN NULL;', hash='746edc4f4173b92b9ff93544dde94fb439b53124', operation='INSERT', pgid='pgtrigger_insert_insert_48728', table='cases_casetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casetext',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."saved_at" IS DISTINCT FROM (NEW."saved_at"))', func='INSERT INTO "cases_casetextevent" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (NEW."case_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revision", NEW."saved_at"); RETURN NULL;', hash='e8ddacb12d007c7ccf00158039e84917bed0b484', operation='UPDATE', pgid='pgtrigger_update_update_5eca9', table='cases_casetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casetext',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casetextevent" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (OLD."case_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revision", OLD."saved_at"); RETURN NULL;', hash='ecd23bddbe95818c221995b0546a04dd1791a67c', operation='DELETE', pgid='pgtrigger_delete_delete_209e1', table='cases_casetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casetextevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0b73b6feec22ab2ee9ca6d88727a56dc97bf1768', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7401c', table='cases_casetextevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='caseversion',
            constraint=models.UniqueConstraint(fields=('case', 'number'), name='cases_caseversion_number_once'),
        ),
        migrations.AddConstraint(
            model_name='caseversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('struck_at__isnull', True), ('struck_by__isnull', True)), models.Q(('content', {}), ('findings', []), ('struck_at__isnull', False), ('struck_by__isnull', False)), _connector='OR'), name='cases_caseversion_struck_is_empty'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversion',
            trigger=pgtrigger.compiler.Trigger(name='version_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."struck_at" IS NOT NULL OR NEW."struck_at" IS NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a23be2f6151ea1e61b519664e43ce1913e9e4c5d', operation='UPDATE', pgid='pgtrigger_version_never_changes_59424', table='cases_caseversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversion',
            trigger=pgtrigger.compiler.Trigger(name='version_keeps_its_signature', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."attestation" IS DISTINCT FROM (NEW."attestation") OR OLD."signed_name" IS DISTINCT FROM (NEW."signed_name") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='328e2bfdc6e3b4ac13efbf500ae6a23238df2449', operation='UPDATE', pgid='pgtrigger_version_keeps_its_signature_29c90', table='cases_caseversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversion',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_caseversionevent" ("attestation", "case_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_name", "struck_at", "struck_by_id", "submitted_at") VALUES (NEW."attestation", NEW."case_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signed_name", NEW."struck_at", NEW."struck_by_id", NEW."submitted_at"); RETURN NULL;', hash='41acb909d3baa7330e3dc32f734c26ea07537b67', operation='INSERT', pgid='pgtrigger_insert_insert_7c5b2', table='cases_caseversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."attestation" IS DISTINCT FROM (NEW."attestation") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."signed_name" IS DISTINCT FROM (NEW."signed_name") OR OLD."struck_at" IS DISTINCT FROM (NEW."struck_at") OR OLD."struck_by_id" IS DISTINCT FROM (NEW."struck_by_id") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at"))', func='INSERT INTO "cases_caseversionevent" ("attestation", "case_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_name", "struck_at", "struck_by_id", "submitted_at") VALUES (NEW."attestation", NEW."case_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signed_name", NEW."struck_at", NEW."struck_by_id", NEW."submitted_at"); RETURN NULL;', hash='0cb664df02728f6e4779104f0de1435ed41de6af', operation='UPDATE', pgid='pgtrigger_update_update_44779', table='cases_caseversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversion',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_caseversionevent" ("attestation", "case_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_name", "struck_at", "struck_by_id", "submitted_at") VALUES (OLD."attestation", OLD."case_id", OLD."id", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."signed_name", OLD."struck_at", OLD."struck_by_id", OLD."submitted_at"); RETURN NULL;', hash='2f7fb698ea3c3c5779b0f4910c36f9093e0ce716', operation='DELETE', pgid='pgtrigger_delete_delete_8311d', table='cases_caseversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereviewevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c6ab528e4b351824921c1d48c08caa75ef28272b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ad2d9', table='cases_casereviewevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='casereview',
            constraint=models.CheckConstraint(condition=models.Q(('decision', 'approved'), models.Q(('decision', 'returned'), models.Q(('comments__regex', '^\\s*$'), _negated=True)), _connector='OR'), name='cases_casereview_returned_says_why', violation_error_message='Write what the author is to change.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereview',
            trigger=pgtrigger.compiler.Trigger(name='review_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='64e274c31ed035df2e1d09f2c8a4674668a2a23d', operation='UPDATE', pgid='pgtrigger_review_never_changes_27b15', table='cases_casereview', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereview',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casereviewevent" ("decision", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_at", "reviewed_by_id", "version_id") VALUES (NEW."decision", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reviewed_at", NEW."reviewed_by_id", NEW."version_id"); RETURN NULL;', hash='6a584fe5033b077ccf3264739be20d94cf6b9165', operation='INSERT', pgid='pgtrigger_insert_insert_5d6a6', table='cases_casereview', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereview',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."decision" IS DISTINCT FROM (NEW."decision") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reviewed_at" IS DISTINCT FROM (NEW."reviewed_at") OR OLD."reviewed_by_id" IS DISTINCT FROM (NEW."reviewed_by_id") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))', func='INSERT INTO "cases_casereviewevent" ("decision", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_at", "reviewed_by_id", "version_id") VALUES (NEW."decision", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reviewed_at", NEW."reviewed_by_id", NEW."version_id"); RETURN NULL;', hash='22fe12818e7240124ef3526c0d54dd8b4925ba2e', operation='UPDATE', pgid='pgtrigger_update_update_b5797', table='cases_casereview', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereview',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_casereviewevent" ("decision", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_at", "reviewed_by_id", "version_id") VALUES (OLD."decision", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reviewed_at", OLD."reviewed_by_id", OLD."version_id"); RETURN NULL;', hash='a6ab935296ca46a0b682bc32fab6af77190f41c4', operation='DELETE', pgid='pgtrigger_delete_delete_38a16', table='cases_casereview', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casereading',
            trigger=pgtrigger.compiler.Trigger(name='reading_keeps_what_was_read', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."read_at" IS DISTINCT FROM (NEW."read_at") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id") OR OLD."what" IS DISTINCT FROM (NEW."what"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='90f8891806f8d4213786051fb0e7715ab07031cb', operation='UPDATE', pgid='pgtrigger_reading_keeps_what_was_read_fd5ee', table='cases_casereading', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseversionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7048bc96493613662be2dc3b874146588b0ded43', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_15057', table='cases_caseversionevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='hubmember',
            constraint=models.UniqueConstraint(fields=('program', 'user'), name='cases_hubmember_once_a_program', violation_error_message="This person is in the program's hub team already."),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hubmember',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_hubmemberevent" ("id", "is_active", "may_sign", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "role", "title", "title_fr", "user_id") VALUES (NEW."id", NEW."is_active", NEW."may_sign", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."role", NEW."title", NEW."title_fr", NEW."user_id"); RETURN NULL;', hash='1e84601a9ec9c31c03652ade10341dd64af29fe7', operation='INSERT', pgid='pgtrigger_insert_insert_45e1b', table='cases_hubmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hubmember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_hubmemberevent" ("id", "is_active", "may_sign", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "role", "title", "title_fr", "user_id") VALUES (NEW."id", NEW."is_active", NEW."may_sign", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."role", NEW."title", NEW."title_fr", NEW."user_id"); RETURN NULL;', hash='7cd18a75b59f3ccd309aec29e0fb61af3bb8af7b', operation='UPDATE', pgid='pgtrigger_update_update_87053', table='cases_hubmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hubmember',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_hubmemberevent" ("id", "is_active", "may_sign", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "role", "title", "title_fr", "user_id") VALUES (OLD."id", OLD."is_active", OLD."may_sign", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."program_id", OLD."role", OLD."title", OLD."title_fr", OLD."user_id"); RETURN NULL;', hash='b726386bfc6ac7988961e4c5d3a95726a4704a8f', operation='DELETE', pgid='pgtrigger_delete_delete_f0389', table='cases_hubmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hubmemberevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='95f16fb4698d63c41feb0bcbf5a862630f8cfd68', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bbce6', table='cases_hubmemberevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='libraryentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='cases_libraryentry_search'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.UniqueConstraint(fields=('case', 'heading', 'author'), name='cases_recommendation_one_a_heading'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('heading__in', ['assessment', 'pharmacological', 'non_pharmacological', 'interventional', 'biopsychosocial', 'referral'])), name='cases_recommendation_heading_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_recommendationevent" ("author_id", "case_id", "heading", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (NEW."author_id", NEW."case_id", NEW."heading", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revision", NEW."saved_at"); RETURN NULL;', hash='03bfe69a8c290b614d50f7c3dc002af072140cdd', operation='INSERT', pgid='pgtrigger_insert_insert_492ab', table='cases_recommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."heading" IS DISTINCT FROM (NEW."heading") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."saved_at" IS DISTINCT FROM (NEW."saved_at"))', func='INSERT INTO "cases_recommendationevent" ("author_id", "case_id", "heading", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (NEW."author_id", NEW."case_id", NEW."heading", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revision", NEW."saved_at"); RETURN NULL;', hash='b1fe49b068bd198fcd4938d4b8306724c657fc30', operation='UPDATE', pgid='pgtrigger_update_update_32310', table='cases_recommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_recommendationevent" ("author_id", "case_id", "heading", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "saved_at") VALUES (OLD."author_id", OLD."case_id", OLD."heading", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revision", OLD."saved_at"); RETURN NULL;', hash='c34981b71a85e303f7fe5b32957707376943c805', operation='DELETE', pgid='pgtrigger_delete_delete_023d3', table='cases_recommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fd514fc62f2ff5e9be8ddba2a3dd4d6e50517f50', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bc229', table='cases_recommendationevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='recommendationletter',
            constraint=models.UniqueConstraint(fields=('case', 'number'), name='cases_recommendationletter_number_once'),
        ),
        migrations.AddConstraint(
            model_name='recommendationletter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('correction', ''), ('number', 1)), models.Q(('number__gt', 1), models.Q(('correction__regex', '^\\s*$'), _negated=True)), _connector='OR'), name='cases_recommendationletter_correction_says_what', violation_error_message='Write what is corrected.'),
        ),
        migrations.AddConstraint(
            model_name='recommendationletter',
            constraint=models.CheckConstraint(condition=models.Q(('visible_to_cycle_at__gte', models.F('signed_at'))), name='cases_recommendationletter_presenter_first'),
        ),
        migrations.AddConstraint(
            model_name='recommendationletter',
            constraint=models.CheckConstraint(condition=models.Q(('items', []), _negated=True), name='cases_recommendationletter_recommends_something'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationletter',
            trigger=pgtrigger.compiler.Trigger(name='letter_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."correction" IS DISTINCT FROM (NEW."correction") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."opening" IS DISTINCT FROM (NEW."opening") OR OLD."signed_at" IS DISTINCT FROM (NEW."signed_at") OR OLD."signed_by_id" IS DISTINCT FROM (NEW."signed_by_id") OR OLD."signed_name" IS DISTINCT FROM (NEW."signed_name") OR OLD."signed_title" IS DISTINCT FROM (NEW."signed_title"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='fa71c0fb6ce4607a1ad9592cd0f88b6321ec7316', operation='UPDATE', pgid='pgtrigger_letter_never_changes_f338e', table='cases_recommendationletter', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationletter',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_recommendationletterevent" ("case_id", "correction", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name", "signed_title", "visible_to_cycle_at") VALUES (NEW."case_id", NEW."correction", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signed_at", NEW."signed_by_id", NEW."signed_name", NEW."signed_title", NEW."visible_to_cycle_at"); RETURN NULL;', hash='9c326bb1e0b367709c87b01ecbb3b367e804fac2', operation='INSERT', pgid='pgtrigger_insert_insert_346ba', table='cases_recommendationletter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationletter',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."correction" IS DISTINCT FROM (NEW."correction") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."signed_at" IS DISTINCT FROM (NEW."signed_at") OR OLD."signed_by_id" IS DISTINCT FROM (NEW."signed_by_id") OR OLD."signed_name" IS DISTINCT FROM (NEW."signed_name") OR OLD."signed_title" IS DISTINCT FROM (NEW."signed_title") OR OLD."visible_to_cycle_at" IS DISTINCT FROM (NEW."visible_to_cycle_at"))', func='INSERT INTO "cases_recommendationletterevent" ("case_id", "correction", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name", "signed_title", "visible_to_cycle_at") VALUES (NEW."case_id", NEW."correction", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signed_at", NEW."signed_by_id", NEW."signed_name", NEW."signed_title", NEW."visible_to_cycle_at"); RETURN NULL;', hash='985d2081608b631737e54d896401591a5c9f7070', operation='UPDATE', pgid='pgtrigger_update_update_5f129', table='cases_recommendationletter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationletter',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_recommendationletterevent" ("case_id", "correction", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name", "signed_title", "visible_to_cycle_at") VALUES (OLD."case_id", OLD."correction", OLD."id", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."signed_at", OLD."signed_by_id", OLD."signed_name", OLD."signed_title", OLD."visible_to_cycle_at"); RETURN NULL;', hash='01ff522758b5bc5bc978c5919eaac7447f0a82d3', operation='DELETE', pgid='pgtrigger_delete_delete_256e4', table='cases_recommendationletter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recommendationletterevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1aca700dd8414a8f3441035666431e94fd97785e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_15a3a', table='cases_recommendationletterevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='suggestedrecommendation',
            constraint=models.CheckConstraint(condition=models.Q(('heading__in', ['assessment', 'pharmacological', 'non_pharmacological', 'interventional', 'biopsychosocial', 'referral'])), name='cases_suggestedrecommendation_heading_known'),
        ),
        migrations.AddConstraint(
            model_name='suggestedrecommendation',
            constraint=models.UniqueConstraint(models.F('program'), models.F('heading'), django.db.models.functions.text.MD5('text'), name='cases_suggestedrecommendation_once', violation_error_message="The program's library has this text under this heading already."),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestedrecommendation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_suggestedrecommendationevent" ("added_at", "heading", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "text", "text_fr") VALUES (NEW."added_at", NEW."heading", NEW."id", NEW."is_active", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."text", NEW."text_fr"); RETURN NULL;', hash='c465f3e8286320da2130131bf4a5cb4ca6dac819', operation='INSERT', pgid='pgtrigger_insert_insert_3e79b', table='cases_suggestedrecommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestedrecommendation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_suggestedrecommendationevent" ("added_at", "heading", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "text", "text_fr") VALUES (NEW."added_at", NEW."heading", NEW."id", NEW."is_active", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."text", NEW."text_fr"); RETURN NULL;', hash='93f721f5633270be3e785b0c757686bcae8e1210', operation='UPDATE', pgid='pgtrigger_update_update_6f0a8', table='cases_suggestedrecommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestedrecommendation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_suggestedrecommendationevent" ("added_at", "heading", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "text", "text_fr") VALUES (OLD."added_at", OLD."heading", OLD."id", OLD."is_active", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."program_id", OLD."text", OLD."text_fr"); RETURN NULL;', hash='a683db83af372bb5e061d79ae76619e1e410ad28', operation='DELETE', pgid='pgtrigger_delete_delete_da641', table='cases_suggestedrecommendation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestedrecommendationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4ec69a02f2692abcc7ae499a148cb9bfd7a14548', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f2337', table='cases_suggestedrecommendationevent', when='BEFORE')),
        ),
        ]),
    ]
