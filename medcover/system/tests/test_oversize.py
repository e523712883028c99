"""Requests that bring too much."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from medcover.system.body_limit import BodyLimit
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

ADDRESS = "/profile/signature/"
LIMIT = 8 * 1024 * 1024


@pytest.fixture
def client():
    client = Client(enforce_csrf_checks=True, headers={"referer": "http://testserver/profile/?x=1"})
    client.force_login(make_member())
    client.get("/profile/")  # brings the cookie without which no form is even read
    return client


def file_of(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", bytes(size), content_type="image/jpeg")


def test_the_limit_is_eight_megabytes():
    assert settings.REQUEST_BODY_LIMIT == LIMIT


def test_a_file_too_large_gets_a_friendly_page(client):
    answer = client.post(ADDRESS, {"picture": file_of(LIMIT)})
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "8,0\xa0MB" in page
    assert 'href="/profile/"' in page
    assert "Content-Security-Policy" in answer


def test_in_the_language_of_the_person():
    client = Client()
    client.force_login(make_member(language="en"))
    answer = client.post(ADDRESS, {"picture": file_of(LIMIT)})
    assert "larger than 8.0\xa0MB" in answer.content.decode()


def test_nothing_of_it_is_read(rf):
    class Body(BytesIO):
        def read(self, *_args: object) -> bytes:
            pytest.fail("The body was read.")

    request = rf.generic("POST", ADDRESS, CONTENT_LENGTH=str(LIMIT + 1), **{"wsgi.input": Body()})
    answer = BodyLimit(lambda _request: pytest.fail("The view was asked."))(request)
    assert answer.status_code == 413


def test_what_just_fits_is_taken():
    client = Client()
    client.force_login(make_member())
    envelope = 1024
    answer = client.post(ADDRESS, {"picture": file_of(LIMIT - envelope), "version": 1})
    assert answer.status_code == 422


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/profile/", "http://testserver//elsewhere.example/"])
def test_leads_to_the_first_page_when_the_form_s_is_not_known(client, referer):
    answer = client.post(ADDRESS, {"picture": file_of(LIMIT)}, headers={"referer": referer})
    page = answer.content.decode()
    assert "elsewhere" not in page
    assert 'href="/"' in page


@pytest.mark.logs_errors
def test_too_much_text_in_fields_gets_the_same_page(client):
    answer = client.post("/profile/", {"phone": "1" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    assert answer.status_code == 413


@pytest.mark.logs_errors
def test_too_many_fields_get_the_page_of_what_is_not_understood(client):
    answer = client.post("/profile/", {f"field{number}": "x" for number in range(1001)})
    assert answer.status_code == 400
    assert "nerozum" in answer.content.decode()


@pytest.mark.parametrize("length", ["", "many"])
def test_a_length_that_is_none_is_no_matter(length):
    assert Client().get("/login/", CONTENT_LENGTH=length).status_code == 200


def test_a_form_that_is_no_form_is_not_understood(client):
    answer = client.post(ADDRESS, b"--x\r\n", content_type="multipart/form-data; boundary=")
    assert answer.status_code == 400
