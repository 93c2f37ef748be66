#include "clients/cli/csv.h"

#include <sys/stat.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/temporary_file.h"
#include "server/base/status.h"
#include "server/base/utf8.h"

namespace tenure::cli {
namespace {
constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr size_t kMaxRecordBytes = size_t{16} << 20;
#if defined(__SSE2__)
constexpr std::ptrdiff_t kChunk = 16;  // bytes looked at in one go
#endif
}  // namespace

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path, char separator,
                                                           Passes passes) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("can't open ", path, ": ", std::strerror(errno)));
  }
  std::unique_ptr<CsvReader> reader(new CsvReader(path, file, separator));
  struct stat info;
  if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a folder; name a CSV file"));
  }
  if (passes == Passes::kMany) TENURE_RETURN_IF_ERROR(reader->MakeRewindable());
  if (fstat(fileno(reader->file_), &info) == 0 && S_ISREG(info.st_mode)) {
    reader->file_bytes_ = static_cast<double>(info.st_size);
  }
  while (reader->end_ < 3 && reader->Fill()) {
  }
  if (reader->end_ >= 3 && std::memcmp(reader->buffer_.data(), "\xEF\xBB\xBF", 3) == 0) {
    reader->begin_ = 3;
  }
  std::vector<absl::string_view> fields;
  TENURE_ASSIGN_OR_RETURN(const bool found, reader->NextRecord(&fields));
  if (!found) return reader->Refuse("is empty; its first line must name the columns");
  for (absl::string_view field : fields) {
    if (std::find(reader->header_.begin(), reader->header_.end(), field) != reader->header_.end()) {
      return reader->Refuse(absl::StrCat("names column `", field, "` twice; rename one of them"));
    }
    reader->header_.emplace_back(field);
  }
  reader->records_offset_ = static_cast<int64_t>(reader->bytes_read_) -
                            static_cast<int64_t>(reader->end_ - reader->begin_);
  reader->records_line_ = reader->line_;
  return reader;
}

absl::Status CsvReader::MakeRewindable() {
  struct stat info;
  if (fstat(fileno(file_), &info) == 0 && S_ISREG(info.st_mode)) {
    start_ = ftello(file_);
    if (start_ >= 0) return absl::OkStatus();
  }
  TENURE_ASSIGN_OR_RETURN(OpenFile copy, OpenTemporaryFile());
  TENURE_RETURN_IF_ERROR(CopyFile(file_, path_, copy.get(), TemporaryFileName()));
  std::rewind(copy.get());
  if (file_ != stdin) std::fclose(file_);
  file_ = copy.release();
  start_ = 0;
  return absl::OkStatus();
}

absl::Status CsvReader::Rewind() {
  if (fseeko(file_, start_ + records_offset_, SEEK_SET) != 0) {
    return absl::UnavailableError(
        absl::StrCat("can't read ", path_, " a second time: ", std::strerror(errno)));
  }
  begin_ = end_ = 0;
  bytes_read_ = static_cast<double>(records_offset_);
  line_ = records_line_;
  return absl::OkStatus();
}

CsvReader::CsvReader(std::string path, std::FILE* file, char separator)
    : path_(std::move(path)), file_(file), separator_(separator), buffer_(kBufferBytes) {}

CsvReader::~CsvReader() {
  if (file_ != stdin) std::fclose(file_);
}

absl::StatusOr<size_t> CsvReader::Column(absl::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found != header_.end()) return static_cast<size_t>(found - header_.begin());
  const bool one = header_.size() == 1 && header_[0].find_first_of(";\t,") != std::string::npos;
  return absl::NotFoundError(absl::StrCat(
      path_, " has no column `", name, "`; its columns are ", absl::StrJoin(header_, ", "),
      one ? absl::StrCat(" (read with the separator `", absl::string_view(&separator_, 1), "`)")
          : ""));
}

absl::StatusOr<bool> CsvReader::Next(std::vector<absl::string_view>* fields) {
  TENURE_ASSIGN_OR_RETURN(const bool found, NextRecord(fields));
  if (found && fields->size() != header_.size()) {
    return Refuse(absl::StrCat("has ", fields->size(), " fields where the header has ",
                               header_.size(), "; quote a field that holds a comma"));
  }
  return found;
}

double CsvReader::fraction_read() const {
  return file_bytes_ > 0 ? std::min(1.0, bytes_read_ / file_bytes_) : 0;
}

std::string CsvReader::Where(size_t column, int64_t line) const {
  return absl::StrCat(path_, " line ", line, " column `", header_[column], "`");
}

absl::Status CsvReader::Refuse(absl::string_view why) const {
  return absl::InvalidArgumentError(absl::StrCat(path_, " line ", record_line_, " ", why));
}

bool CsvReader::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const size_t count = std::fread(buffer_.data() + end_, 1, buffer_.size() - end_, file_);
  end_ += count;
  bytes_read_ += static_cast<double>(count);
  return count > 0;
}

absl::StatusOr<size_t> CsvReader::RecordLength() {
  size_t scanned = 0;  // bytes of the record known to hold no end of it
  bool quoted = false;
  has_quotes_ = false;
  while (true) {
    const char* const start = buffer_.data() + begin_;
    const char* const stop = buffer_.data() + end_;
    const char* at = start + scanned;
    while (at < stop) {
      const auto left = static_cast<size_t>(stop - at);
      const char* newline = static_cast<const char*>(std::memchr(at, '\n', left));
      const char* const reach = newline == nullptr ? stop : newline;
      for (;
           (at = static_cast<const char*>(std::memchr(at, '"', static_cast<size_t>(reach - at)))) !=
           nullptr;
           ++at) {
        quoted = !quoted;
        has_quotes_ = true;
      }
      at = reach;
      if (newline == nullptr) break;
      if (!quoted) return static_cast<size_t>(newline - start);
      ++at;
    }
    scanned = static_cast<size_t>(stop - start);
    if (scanned > kMaxRecordBytes) return Refuse("is longer than 16 MiB; is a quote not closed?");
    if (Fill()) continue;
    if (quoted) return Refuse("opens a quote that is never closed");
    return scanned;
  }
}

bool CsvReader::NextUsual(std::vector<absl::string_view>* fields) {
#if defined(__SSE2__)
  const char* field = buffer_.data() + begin_;
  const char* const start = field;
  const char* const stop = buffer_.data() + end_;
  const __m128i newline = _mm_set1_epi8('\n'), quote = _mm_set1_epi8('"'),
                separator = _mm_set1_epi8(separator_);
  fields->clear();
  for (const char* at = start; at + kChunk <= stop; at += kChunk) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i ends =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, newline), _mm_cmpeq_epi8(bytes, separator));
    // Quotes, and bytes that are no ASCII.
    const auto unusual =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(bytes, _mm_cmpeq_epi8(bytes, quote))));
    for (auto mask = static_cast<uint32_t>(_mm_movemask_epi8(ends)); mask != 0; mask &= mask - 1) {
      const char* const end = at + std::countr_zero(mask);
      const bool is_last = *end == '\n';
      if (is_last && (unusual & (mask ^ (mask - 1))) != 0) return false;
      const char* const text_end = is_last && end > field && end[-1] == '\r' ? end - 1 : end;
      fields->emplace_back(field, static_cast<size_t>(text_end - field));
      field = end + 1;
      if (!is_last) continue;
      if (text_end == start) return false;  // a blank line
      record_line_ = line_++;
      begin_ += static_cast<size_t>(field - start);
      return true;
    }
    if (unusual != 0) return false;
  }
#endif
  return false;
}

absl::StatusOr<bool> CsvReader::NextRecord(std::vector<absl::string_view>* fields) {
  if (NextUsual(fields)) return true;
  size_t length = 0;
  while (true) {
    record_line_ = line_;
    if (begin_ == end_ && !Fill()) return false;
    TENURE_ASSIGN_OR_RETURN(length, RecordLength());
    const char* record = buffer_.data() + begin_;
    if (length > 1 || (length == 1 && *record != '\r')) break;
    begin_ = std::min(end_, begin_ + length + 1);
    ++line_;
  }
  char* at = buffer_.data() + begin_;
  char* stop = at + length;
  line_ += 1 + (has_quotes_ ? std::count(at, stop, '\n') : 0);
  begin_ = std::min(end_, begin_ + length + 1);
  if (stop[-1] == '\r') --stop;
  const absl::string_view record(at, static_cast<size_t>(stop - at));
  if (const size_t bad = FindInvalidUtf8(record); bad != absl::string_view::npos) {
    return Refuse(absl::StrCat("is not UTF-8 text at its byte ", bad + 1, " (0x",
                               absl::Hex(static_cast<unsigned char>(record[bad])),
                               "); convert the file, as with `iconv -f LATIN1 -t UTF-8`"));
  }
  fields->clear();
  while (true) {
    if (at < stop && *at == '"') {
      char* const text = ++at;
      char* write = text;
      for (; at < stop; ++at) {
        if (*at == '"' && (++at == stop || *at != '"')) break;
        *write++ = *at;
      }
      fields->emplace_back(text, static_cast<size_t>(write - text));
      if (at < stop && *at != separator_) return Refuse("has text after a closing quote");
    } else {
      char* comma = static_cast<char*>(std::memchr(at, separator_, static_cast<size_t>(stop - at)));
      if (comma == nullptr) comma = stop;
      fields->emplace_back(at, static_cast<size_t>(comma - at));
      at = comma;
    }
    if (at == stop) return true;
    ++at;
  }
}

absl::Status CheckAdded(const std::vector<std::string>& header,
                        const std::vector<std::string>& added) {
  for (const std::string& column : added) {
    if (std::find(header.begin(), header.end(), column) == header.end()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the input has a column `", column,
                     "` already, which this command writes; take it out or give it another name"));
  }
  return absl::OkStatus();
}

std::string CsvField(absl::string_view value) {
  if (value.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(value);
  std::string quoted = "\"";
  for (char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace tenure::cli
