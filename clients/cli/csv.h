// Reads comma-separated files by RFC 4180: quoted fields, doubled quotes, line breaks inside
// quotes, LF or CRLF, an optional byte-order mark. Streams: memory doesn't grow with the file.
#ifndef TENURE_CLIENTS_CLI_CSV_H_
#define TENURE_CLIENTS_CLI_CSV_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::cli {

// One open file. Not thread-safe.
class CsvReader {
 public:
  // How often the records can be read. What can't be read a second time, as a pipe, is then copied
  // into a temporary file first.
  enum class Passes { kOne, kMany };

  // Opens the file ("-" for standard input) and reads its header line. NOT_FOUND naming the path;
  // INVALID_ARGUMENT when there is no header or two columns have the same name; UNAVAILABLE when
  // there is no place for the copy.
  static absl::StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& path,
                                                         char separator = ',',
                                                         Passes passes = Passes::kOne);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  const std::vector<std::string>& header() const { return header_; }
  // The index of a column. NOT_FOUND naming the file, the column and the columns there are.
  absl::StatusOr<size_t> Column(absl::string_view name) const;

  // The next record into `fields` (views valid until the next call); false at the end of the file.
  // Blank lines are passed over. INVALID_ARGUMENT naming file and line for a record with another
  // number of fields than the header, an unclosed or misplaced quote, bytes that are no UTF-8, or
  // more than 16 MiB.
  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields);
  // Back to the first record, of a file that was opened for many passes. UNAVAILABLE naming it.
  absl::Status Rewind();

  // The line where the last record began, counted from 1 (the header's line).
  int64_t line() const { return record_line_; }
  // "FILE line 12 column `date`": the start of an error message about the last record.
  std::string Where(size_t column) const { return Where(column, record_line_); }
  // The same about an earlier record.
  std::string Where(size_t column, int64_t line) const;
  // How much of the file was read, 0 to 1; 0 where its size is not known.
  double fraction_read() const;

 private:
  CsvReader(std::string path, std::FILE* file, char separator);
  absl::Status MakeRewindable();
  // A record without quotes, of ASCII alone, in the buffer: nearly all are, and one pass over the
  // bytes does for them. False: NextRecord tells.
  bool NextUsual(std::vector<absl::string_view>* fields);
  absl::StatusOr<bool> NextRecord(std::vector<absl::string_view>* fields);
  absl::StatusOr<size_t> RecordLength();  // from begin_, without its line break; fills the buffer
  bool Fill();                            // more bytes after end_; false at the end of the file
  absl::Status Refuse(absl::string_view why) const;

  const std::string path_;
  std::FILE* file_;
  const char separator_;
  int64_t start_ = 0;           // where the file was when it was opened
  int64_t records_offset_ = 0;  // from there to the first record,
  int64_t records_line_ = 1;    // and its line
  double file_bytes_ = 0;       // 0: not known
  double bytes_read_ = 0;
  std::vector<std::string> header_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // the unread bytes are buffer_[begin_, end_)
  size_t end_ = 0;
  bool has_quotes_ = false;  // in the record that RecordLength found
  int64_t line_ = 1;         // of begin_
  int64_t record_line_ = 0;
};

// INVALID_ARGUMENT naming a column of `header` that is one of `added` too: two columns of a file
// can't have one name.
absl::Status CheckAdded(const std::vector<std::string>& header,
                        const std::vector<std::string>& added);

// The field as it must be written: quoted only where it needs to be.
std::string CsvField(absl::string_view value);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_CSV_H_
