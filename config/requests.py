"""What no address of the service can mean is refused before anybody reads it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

Answer = Callable[[HttpRequest], HttpResponse]
NUL = "%00"


def without_nul(get_response: Answer) -> Answer:
    """A middleware for the admin's lists, whose filters hand on what the address says: PostgreSQL stores no NUL
    character, so nothing can be found by one. The API refuses it field by field."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/") and NUL in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(
                "The address asks for a NUL character (%00), which no text on file can have. Leave it out.",
                content_type="text/plain; charset=utf-8",
            )
        return get_response(request)

    return answer
