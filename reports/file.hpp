// A file of a report, in memory: writers make them, report_dir puts them on disk.
#pragma once

#include <string>

namespace streamgauge::reports {

struct ReportFile {
  std::string name;  // within the report's folder; of those in wire/ with the slash
  std::string content;
};

}  // namespace streamgauge::reports
