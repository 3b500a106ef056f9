"""Pictures, for a shop that has no web server in front of it."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from shop.catalog.rules import is_picture_name

# A name is made of what is in the file, so what it names never changes.
_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with the picture of that name. Knows no visitor, and no other files."""
    file = _find(name)
    headers = {
        "Content-Type": f"image/{file.suffix[1:]}",
        "Cache-Control": _FOR_EVER,
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{file.stem}"',
    }
    head = HttpResponse(headers={**headers, "Content-Length": str(file.stat().st_size)})
    answer = get_conditional_response(request, etag=headers["ETag"], response=head) or head
    if answer is not head or request.method == "HEAD":
        return answer
    return FileResponse(file.open("rb"), headers=headers)


def _find(name: str) -> Path:
    """Return the file of that name. Raises Http404, also where a link leads out of the folder."""
    if not is_picture_name(name):
        raise Http404("That is not the name of a picture.")
    root = Path(settings.MEDIA_ROOT).resolve()
    try:
        file = (root / name).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise Http404("There is no such picture.") from error
    if not (file.is_relative_to(root) and file.is_file()):
        raise Http404("There is no such picture.")
    return file
