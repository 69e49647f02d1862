"""Photos are checked, turned upright, stripped and shown only to those who may see them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from huoshui.kernel import files, settings
from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.files import store
from huoshui.kernel.files.models import StoredFile

pytestmark = pytest.mark.django_db

HIDDEN_PLACE = "Lamp Street 7"
ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


@pytest.fixture(autouse=True)
def lamp_photos(monkeypatch, tmp_path):
    """A kind of photo of an imaginary area, and a home folder of its own."""
    monkeypatch.setattr(store, "KINDS", {})
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    permissions.declare("lamps.look", "Look at lamps", posts=("viewer",))
    files.declare_kind("lamps.photo", permission="lamps.look")
    found = settings.get().model_copy(update={"home": tmp_path, "photo_bytes_max": 3_000_000})
    monkeypatch.setattr(settings, "get", lambda: found)


def photo(width=80, height=40, *, kind="JPEG", sideways=False, name="lamp.jpg"):
    picture = Image.new("RGB", (width, height), "red")
    exif = picture.getexif()
    exif[MAKE] = HIDDEN_PLACE
    exif.get_ifd(GPS)[1] = "N"
    if sideways:
        exif[ORIENTATION] = 6
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return SimpleUploadedFile(name, out.getvalue())


def kept_picture(kept: StoredFile) -> Image.Image:
    return Image.open(io.BytesIO(store.path_of(kept.content_hash).read_bytes()))


class TestKeep:
    def test_drops_what_is_hidden_in_a_photo(self):
        kept = files.keep(photo(), None, "lamps.photo")

        content = store.path_of(kept.content_hash).read_bytes()
        assert HIDDEN_PLACE.encode() not in content
        assert not kept_picture(kept).getexif()

    def test_turns_a_photo_upright(self):
        kept = files.keep(photo(80, 40, sideways=True), None, "lamps.photo")

        assert (kept.width_px, kept.height_px) == (40, 80)

    def test_keeps_a_photo_whose_hidden_data_is_broken(self, monkeypatch):
        def stumble(picture):
            raise TypeError("The fill character must be a unicode character, not bytes")

        monkeypatch.setattr(store.ImageOps, "exif_transpose", stumble)
        kept = files.keep(photo(80, 40), None, "lamps.photo")

        assert (kept.width_px, kept.height_px) == (80, 40)

    def test_leaves_no_half_written_file_on_a_full_disk(self, monkeypatch, tmp_path):
        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(store.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.keep(photo(), None, "lamps.photo")

        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_makes_a_huge_photo_smaller(self):
        kept = files.keep(photo(5000, 2500), None, "lamps.photo")

        assert (kept.width_px, kept.height_px) == (2048, 1024)

    def test_puts_a_transparent_picture_on_white(self):
        out = io.BytesIO()
        Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

        kept = files.keep(SimpleUploadedFile("l.png", out.getvalue()), None, "lamps.photo")

        assert kept_picture(kept).getpixel((5, 5)) == (255, 255, 255)

    def test_stores_the_same_content_once(self):
        first = files.keep(photo(), None, "lamps.photo")
        second = files.keep(photo(), None, "lamps.photo")

        assert first.key != second.key
        assert first.content_hash == second.content_hash
        assert len(list(store.path_of(first.content_hash).parent.iterdir())) == 1

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<script>alert(1)</script>",
            b"%PDF-1.4 not a photo",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\xff\xd8\xff\xe0 only the first bytes of a photo",
            photo().read()[:200],
        ],
        ids=["nothing", "script", "pdf", "svg", "pretender", "cut off"],
    )
    def test_refuses_what_is_not_a_photo(self, content):
        with pytest.raises(store.NotAPhoto):
            files.keep(SimpleUploadedFile("lamp.jpg", content), None, "lamps.photo")

        assert not StoredFile.objects.exists()

    def test_refuses_too_many_bytes(self):
        with pytest.raises(store.TooLarge):
            files.keep(SimpleUploadedFile("l.jpg", b"x" * 3_000_001), None, "lamps.photo")

    def test_refuses_a_small_file_that_unpacks_into_a_gigantic_picture(self):
        out = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(out, "PNG")
        assert len(out.getvalue()) < 100_000

        with pytest.raises(store.TooLarge):
            files.keep(SimpleUploadedFile("l.png", out.getvalue()), None, "lamps.photo")

    def test_refuses_a_kind_that_nobody_declared(self):
        with pytest.raises(store.UnknownKind):
            files.keep(photo(), None, "lamps.video")

    def test_keeps_only_the_name_of_a_path(self):
        kept = files.keep(photo(name="../../etc/passwd"), None, "lamps.photo")

        assert kept.name == "passwd"


class TestShow:
    @pytest.fixture
    def kept(self):
        return files.keep(photo(), None, "lamps.photo")

    def test_shows_it_to_who_may_see_it(self, client, kept):
        client.force_login(actions.add_user("wang", "Wang", posts=("viewer",))[0])

        answer = client.get(kept.url)

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_refuses_it_to_others(self, client, kept):
        client.force_login(actions.add_user("li", "Li", posts=("crew",))[0])

        assert client.get(kept.url, headers={"accept": "application/json"}).status_code == 403

    def test_refuses_it_to_nobody(self, client, kept):
        assert client.get(kept.url).status_code == 302

    def test_says_so_when_the_content_is_lost(self, client, kept):
        store.path_of(kept.content_hash).unlink()
        client.force_login(actions.add_user("wang", "Wang", posts=("viewer",))[0])

        assert client.get(kept.url, headers={"accept": "application/json"}).status_code == 404
