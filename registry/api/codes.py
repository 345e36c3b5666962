"""The codes that a problem document may carry, each with a sentence."""

from registry.api.refusals import constraints

CODES = {
    "already_taken": "Another row already has this value.",
    "authentication_failed": "The token is not accepted: unknown, ended, or of a user who may not log in.",
    "bad_choice": "A query parameter takes one of a few words, and this is none of them.",
    "bad_cursor": "The cursor is not one that this list gave out: begin at the first page.",
    "bad_date": "A day in the query is not written as YYYY-MM-DD, or is not a day of the calendar.",
    "bad_key": "The Idempotency-Key is empty, too long, or holds characters that cannot be printed.",
    "bad_ordering": "The list cannot be sorted by this field.",
    "bad_page_size": "The size of a page is a whole number from 1 to 1000.",
    "bad_request": "The request cannot be read.",
    "bad_value": "A value is too large, too long, or not of its kind.",
    "busy": "Others were changing the same rows. Try again.",
    "cannot_remember": "The broker does not answer, so that the key could not be kept; nothing was done. Try again.",
    "column_missing": "The file lacks a column that its noun needs.",
    "database_unavailable": "The database does not answer. Try again.",
    "error": "The request was refused; the sentence says why.",
    "identifier_not_valid": "The number does not fit its scheme: its length, its letters or its check digits.",
    "identifier_scheme_unknown": "There is no such scheme of identifiers.",
    "in_the_future": "The day has not come, and nobody can know of it.",
    "in_use": "Other rows still refer to it, or it refers to one that is gone.",
    "invalid": "One or more values were refused; `errors` names each field with a code and a sentence of its own.",
    "key_used_before": "The Idempotency-Key was used with another body: choose a new one.",
    "method_not_allowed": "This address does not take this method.",
    "no_pages_in_csv": "CSV holds the whole list, so that it has no pages.",
    "not_acceptable": "The answer cannot be given in the media type that was asked for.",
    "not_authenticated": "Nobody is logged in: send a token.",
    "not_found": "There is no such address, or no row of this number.",
    "noun_unknown": "Files of this noun cannot be imported.",
    "own_code_needed": "A territory of ISO 3166 is loaded, not written; an own one has the mark “-x-” in its code.",
    "parse_error": "The body is not what its media type says.",
    "permission_denied": "The user lacks a permission, which the sentence names.",
    "read_only_token": "The token can only read.",
    "refused": "The database refused it; the sentence says why.",
    "required": "A value that is required was not given.",
    "server_error": "A fault of the service; it has been logged.",
    "still_running": "The first request with this Idempotency-Key has not ended. Try again.",
    "throttled": "Too many requests in this minute; `Retry-After` says how many seconds to wait.",
    "token_needs_a_name": "A token needs a name that says what it is for.",
    "too_early": "The day lies before all mining.",
    "too_large": "The body is larger than this address takes.",
    "unknown_parameter": "The address does not know this query parameter; the sentence lists those that it knows.",
    "unknown_territory": "There is no territory of this code.",
    "unsupported_media_type": "The body is of a media type that is not read here.",
    "user_inactive": "The user may not log in, and so gets no token.",
}


def codes_of_constraints() -> dict[str, str]:
    """What the database refuses goes by the name of the constraint."""
    return {name: str(each.get_violation_error_message()) for name, each in constraints().items()}
