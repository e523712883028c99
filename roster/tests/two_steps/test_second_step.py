"""The second step of the login."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from roster import lockout, services
from roster.models import RecoveryCode
from roster.services import second_factor
from roster.services.second_factor import Verdict
from roster.tests.factories import make_admin, make_member
from roster.tests.two_steps.codes import LOGIN, STEP, code_of, is_logged_in, log_in, send, switch_on

pytestmark = pytest.mark.django_db


class TestLogin:
    def test_without_a_second_factor_stays_one_step(self, client, person):
        assert log_in(client)["Location"] == "/"
        assert is_logged_in(client)

    def test_the_password_alone_opens_nothing(self, client, protected):
        answer = log_in(client)
        assert (answer.status_code, answer["Location"]) == (302, STEP)
        assert not is_logged_in(client)
        assert client.get("/profile/")["Location"] == "/login/?next=/profile/"

    def test_the_code_opens_the_door(self, client, protected, person):
        log_in(client)
        assert send(client, code_of(protected))["Location"] == "/"
        assert client.get("/profile/").context["user"].is_verified()
        person.refresh_from_db()
        assert person.last_login == timezone.now()

    def test_a_code_may_be_typed_in_groups(self, client, protected):
        log_in(client)
        code = code_of(protected)
        send(client, f" {code[:3]} {code[3:]} ")
        assert is_logged_in(client)

    def test_the_wanted_page_survives_both_steps_and_a_wrong_code(self, client, protected, clock):
        answer = log_in(client, next="/events/?page=2")
        assert answer["Location"] == f"{STEP}?next=%2Fevents%2F%3Fpage%3D2"
        assert client.get(answer["Location"]).context["next"] == "/events/?page=2"
        assert send(client, "000000", next="/events/?page=2").context["next"] == "/events/?page=2"
        clock.shift(timedelta(seconds=30))
        assert send(client, code_of(protected), next="/events/?page=2")["Location"] == "/events/?page=2"

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
    def test_a_foreign_page_is_not_followed(self, client, protected, wanted):
        log_in(client, next=wanted)
        assert send(client, code_of(protected), next=wanted)["Location"] == "/"

    def test_the_step_alone_leads_to_the_login(self, client, protected):
        assert client.get(STEP)["Location"] == LOGIN
        assert send(client, code_of(protected))["Location"] == LOGIN
        assert not is_logged_in(client)

    def test_it_is_not_offered_to_who_is_logged_in(self, client, person):
        client.force_login(person)
        assert client.get(STEP)["Location"] == "/"

    def test_its_page_is_never_cached_and_holds_nothing_inline(self, client, protected):
        log_in(client)
        answer = client.get(STEP)
        assert "no-store" in answer["Cache-Control"]
        assert 'autocomplete="one-time-code"' in answer.content.decode()
        assert not re.search(r"\sstyle=|\son[a-z]+=", answer.content.decode())

    def test_the_session_changes_at_both_steps(self, client, protected):
        session = client.session
        session["planted"] = True
        session.save()
        keys = [session.session_key]
        log_in(client)
        keys.append(client.session.session_key)
        send(client, code_of(protected))
        keys.append(client.session.session_key)
        assert len(set(keys)) == 3
        assert not any(client.session.exists(key) for key in keys[:2])

    def test_every_post_needs_its_csrf_token(self, protected):
        client = Client(enforce_csrf_checks=True)
        assert send(client, "123456").status_code == 403

    def test_in_between_ten_minutes_may_pass(self, client, protected, clock):
        log_in(client)
        clock.shift(timedelta(minutes=10))
        send(client, code_of(protected))
        assert is_logged_in(client)

    def test_but_no_more(self, client, protected, clock):
        log_in(client)
        clock.shift(timedelta(minutes=10, seconds=1))
        assert send(client, code_of(protected), next="/events/")["Location"] == "/login/?next=%2Fevents%2F"
        assert not is_logged_in(client)

    @pytest.mark.parametrize("change", ["password", "deactivate", "archive"])
    def test_a_change_of_the_account_in_between_ends_it(self, client, protected, person, change):
        log_in(client)
        if change == "password":
            services.set_password(person.pk, "another long one", by=person)
        else:
            getattr(services, change)(person.pk, by=make_admin(), at=timezone.now())
        assert send(client, code_of(protected))["Location"] == LOGIN
        assert not is_logged_in(client)


class TestCodes:
    @pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "1e5", "\0"])
    def test_nonsense_and_guesses_are_refused(self, client, protected, code):
        log_in(client)
        assert send(client, code).status_code == 422
        assert not is_logged_in(client)

    def test_a_code_works_once(self, client, protected):
        code = code_of(protected)
        log_in(client)
        send(client, code)
        client.logout()
        log_in(client)
        assert send(client, code).status_code == 422
        assert not is_logged_in(client)

    def test_the_code_that_switched_it_on_does_not_log_in_as_well(self, client, person):
        device, _codes = switch_on(person)
        log_in(client)
        send(client, code_of(device))
        assert not is_logged_in(client)

    @pytest.mark.parametrize(("steps", "verdict"), [(-2, "WRONG"), (1, "RIGHT"), (2, "WRONG")])
    def test_a_clock_may_be_one_step_off(self, protected, person, steps, verdict):
        # One step back is the code that switched it on.
        assert second_factor.check_code(person.pk, code_of(protected, steps=steps)) is Verdict[verdict]

    def test_one_step_late_is_right_too(self, protected, person, clock):
        clock.shift(timedelta(minutes=5))
        assert second_factor.check_code(person.pk, code_of(protected, steps=-1)) is Verdict.RIGHT

    def test_a_drifting_clock_is_followed(self, protected, person, clock):
        for drift in (1, 2, 3):
            clock.shift(timedelta(minutes=5))
            assert second_factor.check_code(person.pk, code_of(protected, steps=drift)) is Verdict.RIGHT

    def test_older_codes_are_dead_once_a_newer_one_was_used(self, protected, person, clock):
        clock.shift(timedelta(minutes=5))
        assert second_factor.check_code(person.pk, code_of(protected)) is Verdict.RIGHT
        assert second_factor.check_code(person.pk, code_of(protected, steps=-1)) is Verdict.WRONG

    def test_of_another_person_are_wrong(self, protected, clock):
        other = make_member()
        switch_on(other)
        clock.shift(timedelta(seconds=30))
        assert second_factor.check_code(other.pk, code_of(protected)) is Verdict.WRONG

    def test_none_fits_once_the_secret_cannot_be_opened(self, protected, person, settings):
        code = code_of(protected)
        settings.SECRET_KEY = "another secret of the installation, long enough for a test"
        assert second_factor.check_code(person.pk, code) is Verdict.WRONG


class TestGuessing:
    def test_after_a_wrong_code_there_is_a_pause_that_doubles(self, protected, person, clock):
        for pause in (1, 2, 4, 8):
            assert second_factor.check_code(person.pk, "000000") is Verdict.WRONG
            assert second_factor.pause_of(person) == pause
            assert second_factor.check_code(person.pk, code_of(protected)) is Verdict.TOO_SOON
            clock.shift(timedelta(seconds=pause))
        assert second_factor.check_code(person.pk, code_of(protected)) is Verdict.RIGHT
        assert second_factor.pause_of(person) == 0

    def test_during_a_pause_nothing_counts_and_the_page_says_why(self, client, protected):
        log_in(client)
        send(client, "000000")
        answer = send(client, code_of(protected))
        assert answer.status_code == 422
        assert "počkejte" in answer.content.decode() or "please wait" in answer.content.decode()
        assert AccessAttempt.objects.get().failures_since_start == 1

    def fail(self, client, clock, times):
        for _ in range(times):
            answer = send(client, "000000", next="/events/")
            clock.shift(timedelta(seconds=20))
        return answer

    def test_the_fifth_wrong_code_locks_the_account(self, client, protected, person, clock):
        log_in(client)
        answer = self.fail(client, clock, 5)
        assert answer["Location"] == "/login/?next=%2Fevents%2F"
        assert lockout.is_locked(person)
        log_in(client)
        assert send(client, code_of(protected))["Location"] == LOGIN
        assert not is_logged_in(client)

    def test_wrong_passwords_and_wrong_codes_add_up(self, client, protected, person, clock):
        for _ in range(3):
            log_in(client, password="wrong")
        log_in(client)
        self.fail(client, clock, 1)
        assert not lockout.is_locked(person)
        self.fail(client, clock, 1)
        assert lockout.is_locked(person)

    def test_a_right_password_alone_forgets_no_failure(self, client, protected, person, clock):
        for _ in range(5):
            log_in(client)
            self.fail(client, clock, 1)
        assert lockout.is_locked(person)

    def test_a_lock_from_elsewhere_stops_a_step_begun_before(self, client, protected, person):
        log_in(client)
        for _ in range(5):
            Client().post(LOGIN, {"username": person.email, "password": "wrong"})
        assert send(client, code_of(protected))["Location"] == LOGIN
        assert not is_logged_in(client)

    def test_a_success_forgets_the_failures(self, client, protected, clock):
        log_in(client)
        self.fail(client, clock, 3)
        send(client, code_of(protected))
        assert is_logged_in(client)
        assert not AccessAttempt.objects.exists()

    def test_wrong_recovery_codes_count_as_well(self, client, protected, person):
        log_in(client)
        for _ in range(5):
            answer = client.post(STEP, {"recovery_code": "aaaaa-aaaaa"})
        assert answer["Location"] == LOGIN
        assert lockout.is_locked(person)


class TestRecoveryCodes:
    @pytest.fixture
    def codes(self, person):
        return switch_on(person)[1]

    def test_are_ten_different_ones(self, codes):
        assert len(set(codes)) == 10
        assert all(re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code) for code in codes)

    @pytest.mark.parametrize("typed", [str, str.upper, lambda code: code.replace("-", " "), lambda code: f" {code} "])
    def test_let_in_however_they_are_typed(self, client, codes, typed):
        log_in(client)
        assert client.post(STEP, {"recovery_code": typed(codes[3])})["Location"] == "/"
        assert client.get("/profile/").context["user"].is_verified()

    def test_work_once_each(self, client, codes, person):
        for code, opens in ((codes[0], True), (codes[0], False), (codes[1], True)):
            log_in(client)
            client.post(STEP, {"recovery_code": code})
            assert is_logged_in(client) is opens
            client.logout()
        assert second_factor.codes_left(person) == 8

    def test_help_while_the_app_has_its_pause(self, client, codes):
        log_in(client)
        send(client, "000000")
        client.post(STEP, {"recovery_code": codes[0]})
        assert is_logged_in(client)

    def test_of_another_person_open_nothing(self, codes):
        other = make_member()
        switch_on(other)
        assert second_factor.check_recovery_code(other.pk, codes[0]) is Verdict.WRONG

    def test_are_not_stored(self, codes, person):
        stored = list(RecoveryCode.objects.values_list("digest", flat=True))
        assert len(stored) == 10
        assert not set(stored) & set(codes)

    def test_new_ones_kill_the_old(self, codes, person):
        fresh = second_factor.renew_codes(person.pk, by=person)
        assert second_factor.check_recovery_code(person.pk, codes[0]) is Verdict.WRONG
        assert second_factor.check_recovery_code(person.pk, fresh[0]) is Verdict.RIGHT
