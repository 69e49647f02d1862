"""Addresses of customers."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.customers.web import (
    account_forms,
    accounts,
    boards,
    care,
    estates,
    exchanges,
    grids,
    key_accounts,
    voices,
)

app_name = "customers"
ONE = "customers/accounts/<str:code>/"
urlpatterns = [
    accounts.Accounts.path("customers/", name="accounts"),
    accounts.AccountPage.path(ONE, name="account"),
    accounts.AccountInFull.path(f"{ONE}personal/", name="unmask"),
    account_forms.Channels.path(f"{ONE}channels/", name="channels"),
    account_forms.AddPerson.path(f"{ONE}people/add/", name="add_person"),
    account_forms.KeyManager.path(f"{ONE}key-manager/", name="key_manager"),
    path(f"{ONE}exposed/", account_forms.tag_exposed, name="tag_exposed"),
    care.BeginCare.path(f"{ONE}care/", name="begin_care"),
    care.Visit.path(f"{ONE}care/visit/", name="visit"),
    care.EndCare.path(f"{ONE}care/end/", name="end_care"),
    care.Cares.path("customers/care/", name="care"),
    key_accounts.KeyAccounts.path("customers/key-accounts/", name="key_accounts"),
    exchanges.Exchanges.path("customers/meter-exchanges/", name="exchanges"),
    exchanges.Settle.path("customers/meter-exchanges/<int:pk>/", name="settle_exchange"),
    estates.Estates.path("customers/estates/", name="estates"),
    estates.EstatePage.path("customers/estates/<str:code>/", name="estate"),
    boards.HangBoard.path("customers/estates/<str:code>/board/", name="hang_board"),
    grids.Grids.path("customers/grids/", name="grids"),
    grids.NewGrid.path("customers/grids/add/", name="add_grid"),
    path("customers/grids/propose/", grids.propose, name="propose"),
    grids.Plans.path("customers/grids/proposals/", name="plans"),
    grids.PlanPage.path("customers/grids/proposals/<int:pk>/", name="plan"),
    path("customers/grids/proposals/<int:pk>/<slug:answer>/", grids.decide, name="decide"),
    grids.GridPage.path("customers/grids/<str:code>/", name="grid"),
    grids.EditGrid.path("customers/grids/<str:code>/edit/", name="edit_grid"),
    grids.MoveEstates.path("customers/grids/<str:code>/estates/", name="move_estates"),
    path("customers/grids/<str:code>/board/", boards.board_print, name="board_print"),
    boards.Boards.path("customers/boards/", name="boards"),
    path("customers/boards/<int:pk>/take-down/", boards.take_down, name="take_down"),
    boards.Report.path("w/<str:token>/", name="public"),
    voices.Supervisors.path("customers/supervisors/", name="supervisors"),
    voices.NewSupervisor.path("customers/supervisors/add/", name="add_supervisor"),
    voices.EndSupervisor.path("customers/supervisors/<int:pk>/end/", name="end_supervisor"),
    voices.FileFinding.path("customers/supervisors/finding/", name="file_finding"),
    voices.Voices.path("customers/voices/", name="voices"),
    voices.KeepVoice.path("customers/voices/add/", name="keep_voice"),
]
