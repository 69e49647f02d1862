"""Addresses of alarms and their rules; part of urls.py."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.telemetry.web import (
    alarm_history,
    alarm_kpi,
    alarm_pages,
    alarms,
    formulas,
    limits,
    rule_forms,
    rule_trial,
    rules,
)

urlpatterns = [
    alarms.Alarms.path("telemetry/alarms/", name="alarms"),
    path("telemetry/alarms/mute/", alarm_pages.mute, name="mute"),
    alarm_history.AlarmHistory.path("telemetry/alarms/history/", name="alarm-history"),
    alarm_history.Suppressions.path("telemetry/alarms/shelved/", name="suppressions"),
    path("telemetry/alarms/figures/", alarm_kpi.alarm_kpi, name="alarm-kpi"),
    path("telemetry/alarms/<int:alarm_id>/acknowledge/", alarms.acknowledge, name="acknowledge"),
    alarm_pages.AlarmPage.path("telemetry/alarms/<int:alarm_id>/", name="alarm"),
    alarm_pages.Shelve.path("telemetry/alarms/<int:alarm_id>/shelve/", name="shelve"),
    path("telemetry/alarms/<int:alarm_id>/comment/", alarm_pages.comment, name="comment"),
    path("telemetry/alarms/<int:alarm_id>/reset/", alarm_pages.reset_alarm, name="reset-alarm"),
    path("telemetry/alarms/shelved/<int:suppression_id>/end/", alarm_pages.unshelve,
         name="unshelve"),
    path("telemetry/alarms/shelved/<int:suppression_id>/put-back/", alarm_pages.put_back,
         name="put-back"),
    alarm_pages.TakeOutOfService.path("telemetry/out-of-service/<path:code>/", name="take-out"),
    rules.Rules.path("telemetry/rules/", name="rules"),
    rule_forms.SaveRule.path("telemetry/rules/new/", name="new-rule"),
    path("telemetry/rules/export.<slug:form>", rule_forms.export_rules, name="export-rules"),
    limits.SetLimit.path("telemetry/rules/limit/", name="set-limit"),
    limits.LimitChanges.path("telemetry/rules/changes/", name="limit-changes"),
    path("telemetry/rules/changes/<int:change_id>/decide/", limits.decide, name="decide-limit"),
    formulas.Formulas.path("telemetry/formulas/", name="formulas"),
    formulas.SetFormula.path("telemetry/formulas/set/", name="set-formula"),
    path("telemetry/formulas/<int:number>/past/", formulas.past, name="formula-past"),
    rules.RulePage.path("telemetry/rules/<slug:code>/", name="rule"),
    rule_forms.SaveRule.path("telemetry/rules/<slug:code>/edit/", name="edit-rule"),
    path("telemetry/rules/<slug:code>/state/", rule_forms.rule_state, name="rule-state"),
    path("telemetry/rules/<slug:code>/try/", rule_trial.try_rule, name="try-rule"),
]  # fmt: skip
