#include "server/plugin_host/elf_check.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"

namespace tenure::plugin_host {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#else
#error "state this machine's ELF number"
#endif

// Runtimes that the server itself has loaded; sanitizers' own are there in sanitized builds.
constexpr std::array<absl::string_view, 11> kAllowedNeeded = {"libc.so.6",
                                                              "libm.so.6",
                                                              "libstdc++.so.6",
                                                              "libgcc_s.so.1",
                                                              "libpthread.so.0",
                                                              "ld-linux-x86-64.so.2",
                                                              "ld-linux-aarch64.so.1",
                                                              "libasan.so.8",
                                                              "libubsan.so.1",
                                                              "libtsan.so.2",
                                                              "liblsan.so.0"};

absl::Status Refuse(absl::string_view found, absl::string_view accepted, absl::string_view remedy) {
  return absl::FailedPreconditionError(
      absl::StrCat("found ", found, "; accepted is ", accepted, "; ", remedy));
}

absl::Status Truncated(absl::string_view what) {
  return Refuse(absl::StrCat(what, " beyond the end of the file"), "a whole shared object",
                "copy or build the file again");
}

// Copies a T out of the bytes; nothing is read in place, since nothing says it is aligned.
template <typename T>
bool ReadAt(absl::string_view bytes, uint64_t offset, T* out) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(out, bytes.data() + offset, sizeof(T));
  return true;
}

bool Inside(absl::string_view bytes, uint64_t offset, uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// A NUL-terminated string of a table, or empty when it runs out of the table.
absl::string_view StringAt(absl::string_view table, uint64_t offset) {
  if (offset >= table.size()) return "";
  const absl::string_view tail = table.substr(offset);
  const size_t end = tail.find('\0');
  return end == absl::string_view::npos ? "" : tail.substr(0, end);
}

absl::Status CheckHeader(absl::string_view bytes, Elf64_Ehdr* header) {
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) {
    return Refuse("a file that is not ELF", "a shared object", "build it with -shared");
  }
  if (!ReadAt(bytes, 0, header)) return Truncated("the header");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != kMachine) {
    return Refuse(absl::StrCat("ELF for machine ", header->e_machine),
                  absl::StrCat("64-bit, machine ", kMachine), "build it for this machine");
  }
  if (header->e_type != ET_DYN) {
    return Refuse(absl::StrCat("an ELF file of type ", header->e_type), "a shared object (3)",
                  "build it with -shared -fPIC");
  }
  if (header->e_phentsize != sizeof(Elf64_Phdr) ||
      !Inside(bytes, header->e_phoff, uint64_t{header->e_phnum} * sizeof(Elf64_Phdr))) {
    return Truncated("the program headers");
  }
  if (header->e_shentsize != sizeof(Elf64_Shdr) ||
      !Inside(bytes, header->e_shoff, uint64_t{header->e_shnum} * sizeof(Elf64_Shdr))) {
    return Truncated("the section headers");
  }
  return absl::OkStatus();
}

absl::Status CheckSegments(absl::string_view bytes, const Elf64_Ehdr& header,
                           std::vector<Elf64_Dyn>* dynamic) {
  bool stack_seen = false;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!ReadAt(bytes, header.e_phoff + i * sizeof segment, &segment)) {
      return Truncated("a program header");
    }
    if (!Inside(bytes, segment.p_offset, segment.p_filesz)) return Truncated("a segment");
    if (segment.p_type == PT_GNU_STACK) {
      stack_seen = (segment.p_flags & PF_X) == 0;
    } else if (segment.p_type == PT_DYNAMIC) {
      for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn entry;
        if (!ReadAt(bytes, segment.p_offset + at, &entry)) return Truncated("the dynamic table");
        if (entry.d_tag == DT_NULL) break;
        dynamic->push_back(entry);
      }
    }
  }
  if (!stack_seen) {
    return Refuse("an executable stack", "a stack without execution",
                  "link with -Wl,-z,noexecstack and mark assembly files");
  }
  return absl::OkStatus();
}

absl::Status CheckDynamic(const std::vector<Elf64_Dyn>& dynamic, absl::string_view strings) {
  for (const Elf64_Dyn& entry : dynamic) {
    if (entry.d_tag == DT_TEXTREL ||
        (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0)) {
      return Refuse("text relocations", "position-independent code", "compile with -fPIC");
    }
    // Another library's code would stand in for its own, read from wherever the linker finds it.
    if (entry.d_tag == DT_FILTER || entry.d_tag == DT_AUXILIARY) {
      return Refuse(absl::StrCat("a filter on ", StringAt(strings, entry.d_un.d_val), " (",
                                 entry.d_tag == DT_FILTER ? "DT_FILTER" : "DT_AUXILIARY", ")"),
                    "code of its own", "link without --filter and --auxiliary");
    }
    if (entry.d_tag != DT_NEEDED) continue;
    const absl::string_view needed = StringAt(strings, entry.d_un.d_val);
    if (std::find(kAllowedNeeded.begin(), kAllowedNeeded.end(), needed) == kAllowedNeeded.end()) {
      return Refuse(absl::StrCat("a need for ", needed.empty() ? "an unnamed library" : needed),
                    "the C and C++ runtimes alone", "link other libraries statically");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSymbols(absl::string_view symbols, absl::string_view strings,
                          absl::string_view entry_symbol) {
  std::vector<std::string> exported;
  for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, symbols.data() + at, sizeof symbol);
    if (symbol.st_shndx == SHN_UNDEF) continue;
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    const absl::string_view name = StringAt(strings, symbol.st_name);
    if (binding == STB_GNU_UNIQUE) {
      return Refuse(absl::StrCat("the process-wide symbol ", name, " (STB_GNU_UNIQUE)"),
                    "none, since versions of a plugin would share it",
                    "compile with -fno-gnu-unique");
    }
    const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (binding == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL) continue;
    exported.emplace_back(name);
  }
  if (exported.size() == 1 && exported[0] == entry_symbol) return absl::OkStatus();
  std::sort(exported.begin(), exported.end());
  const size_t count = exported.size();
  if (count > 4) exported.resize(4);
  return Refuse(count == 0 ? std::string("no exported symbol")
                           : absl::StrCat(count, " exported symbols (",
                                          absl::StrJoin(exported, ", "), count > 4 ? ", …)" : ")"),
                absl::StrCat(entry_symbol, " alone"),
                "compile with -fvisibility=hidden and export that one");
}

// The dynamic symbols and their strings, by the section headers.
absl::Status FindSymbols(absl::string_view bytes, const Elf64_Ehdr& header,
                         absl::string_view* symbols, absl::string_view* strings) {
  for (uint64_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section, linked;
    if (!ReadAt(bytes, header.e_shoff + i * sizeof section, &section)) {
      return Truncated("a section header");
    }
    if (section.sh_type != SHT_DYNSYM) continue;
    if (section.sh_link >= header.e_shnum ||
        !ReadAt(bytes, header.e_shoff + section.sh_link * sizeof linked, &linked) ||
        !Inside(bytes, section.sh_offset, section.sh_size) ||
        !Inside(bytes, linked.sh_offset, linked.sh_size)) {
      return Truncated("the table of dynamic symbols");
    }
    *symbols = bytes.substr(section.sh_offset, section.sh_size);
    *strings = bytes.substr(linked.sh_offset, linked.sh_size);
    return absl::OkStatus();
  }
  return Refuse("no table of dynamic symbols", "a shared object with its section headers",
                "don't strip those");
}

}  // namespace

absl::Status CheckSharedObject(absl::string_view bytes, absl::string_view entry_symbol) {
  Elf64_Ehdr header;
  std::vector<Elf64_Dyn> dynamic;
  absl::string_view symbols, strings;
  TENURE_RETURN_IF_ERROR(CheckHeader(bytes, &header));
  TENURE_RETURN_IF_ERROR(CheckSegments(bytes, header, &dynamic));
  TENURE_RETURN_IF_ERROR(FindSymbols(bytes, header, &symbols, &strings));
  TENURE_RETURN_IF_ERROR(CheckDynamic(dynamic, strings));
  return CheckSymbols(symbols, strings, entry_symbol);
}

}  // namespace tenure::plugin_host
