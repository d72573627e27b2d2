#include "harness/run/client_defects.hpp"

#include <algorithm>

namespace streamgauge::run {

const std::vector<ClientDefect>& client_defects() {
  using enum Defect;
  static const std::vector<ClientDefect> table{
      // how it reconnects
      {"backoff-reset-on-open", "each accepted connection starts the backoff anew",
       "F17, exceptionless", backoff_reset_on_open},
      {"ignores-retry", "the server's retry field changes nothing", "unarr", ignores_retry},
      {"stops-when-unavailable", "one 429 or 503 ends the client for good", "F22",
       stops_when_unavailable},
      {"stops-after-clean-end", "a body that ends in order is taken for the last one", "F23",
       stops_after_clean_end},
      {"retries-final", "401, 403, 404 and other final statuses are tried again for ever", "F30",
       retries_final},
      {"ignores-204", "a client that was told to stay away by a 204 comes back", "F30",
       ignores_204},
      {"no-delay", "a client comes back at once, whatever it should wait", "F15", no_delay},
      {"forgets-permanent-redirects", "a permanent redirect is asked for again each time",
       "RFC 9110 15.4.2", forgets_permanent},
      {"keeps-temporary-redirects", "a temporary redirect is taken for a permanent one",
       "RFC 9110 15.4.8", keeps_temporary},
      // how it notices and what it accepts
      {"liveness-by-preamble", "the first bytes of a stream satisfy liveness for good", "F2, unarr",
       liveness_by_preamble},
      {"liveness-after-head", "liveness counts only once the response head is there", "F29, unarr",
       liveness_after_head},
      {"accepts-any-type", "a stream is read from whatever media type", "exceptionless",
       accepts_any_type},
      {"accepts-any-status", "a stream is read from whatever status", "WHATWG HTML 9.2.3",
       accepts_any_status},
      // what it asks
      {"loses-id", "Last-Event-ID is never sent", "unarr", loses_id},
      {"sends-empty-id", "Last-Event-ID is sent also when it is empty", "WHATWG HTML 9.2.3",
       sends_empty_id},
      {"no-accept", "the request does not say what it accepts", "WHATWG HTML 9.2.2", no_accept},
      {"repeats-request-body", "the body is sent again after a 303", "WHATWG Fetch 4.4",
       repeats_request_body},
      {"leaks-authorization", "credentials are shown to another origin", "WHATWG Fetch 4.4",
       leaks_authorization},
      // how it parses
      {"trims-data", "white space around data is removed, all of it", "unarr", trims_data},
      {"keeps-space", "the one leading space of a value is not removed", "WHATWG HTML 9.2.6",
       keeps_space},
      {"needs-space", "a field without the space behind its colon is not understood", "vectorflow",
       needs_space},
      {"type-leaks", "a block without data leaves its type to the next one", "vectorflow",
       type_leaks},
      {"joins-without-newline", "data lines are joined without a line feed", "exceptionless",
       joins_without_newline},
      {"keeps-last-newline", "the line feed behind the last data line stays", "WHATWG HTML 9.2.6",
       keeps_last_newline},
      {"dispatches-empty", "a block without data is dispatched", "WHATWG HTML 9.2.6",
       dispatches_empty},
      {"dispatches-at-end", "a block that the end of the stream cuts is dispatched",
       "WHATWG HTML 9.2.6", dispatches_at_end},
      {"commits-id-at-end", "the id of a block that the end of the stream cuts counts",
       "WHATWG HTML 9.2.6", commits_id_at_end},
      {"keeps-id-when-empty", "an empty id field does not reset the id", "npm eventsource 4",
       keeps_id_when_empty},
      {"accepts-nul-in-id", "an id with U+0000 counts", "WHATWG HTML 9.2.6", accepts_nul_in_id},
      {"id-does-not-persist", "events without an id carry none", "WHATWG HTML 9.2.6",
       id_does_not_persist},
      {"keeps-bom", "the byte order mark is part of the first line", "WHATWG HTML 9.2.6",
       keeps_bom},
      {"ignores-lone-cr", "a CR alone is no line end", "npm eventsource 4", ignores_lone_cr},
      {"counts-crlf-twice", "a CRLF that two reads split ends two lines", "WHATWG HTML 9.2.5",
       counts_crlf_twice},
      {"lenient-retry", "a retry field with more than digits counts", "WHATWG HTML 9.2.6",
       lenient_retry},
      {"folds-field-names", "field names are taken in any case", "WHATWG HTML 9.2.6",
       folds_field_names},
      {"needs-colon", "a line without colon is ignored", "WHATWG HTML 9.2.6", needs_colon},
      {"line-ends-with-read", "a line that a read cuts is taken for whole", "WHATWG HTML 9.2.5",
       line_ends_with_read},
      {"short-lines", "what is behind the 64th KiB of a line is lost", "bufio.Scanner",
       short_lines},
      {"empty-type", "an event without a type has the type \"\"", "WHATWG HTML 9.2.6", empty_type},
  };
  return table;
}

const ClientDefect* find_client_defect(std::string_view id) {
  const auto& table = client_defects();
  const auto found =
      std::find_if(table.begin(), table.end(), [id](const auto& each) { return each.id == id; });
  return found != table.end() ? &*found : nullptr;
}

}  // namespace streamgauge::run
