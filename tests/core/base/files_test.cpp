// Files: atomic writes, maps, locks, temporary folders; and what happens when the disk is full.
#include "base/files.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "support/small_disk.h"
#include "support/testing.h"

using namespace luthier;

namespace {
std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}
}  // namespace

class FilesTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aWriteReplacesTheWholeFileAndLeavesNothingBeside() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a";
    write_atomically(file, std::string(10'000, 'x'));
    write_atomically(file, "short");
    QCOMPARE(read_file(file), std::string("short"));
    QCOMPARE(files_in(folder.path()), 1u);
  }

  void aWriterThatThrowsLeavesTheOldFile() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a";
    write_atomically(file, "old");
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, write_atomically(file, [&](int descriptor) {
                               write_all(descriptor, "new", 3, "a");
                               throw std::runtime_error("stop");
                             }));
    QCOMPARE(read_file(file), std::string("old"));
    QCOMPARE(files_in(folder.path()), 1u);
  }

  void twoThreadsThatWriteAtOnceLeaveOneOfTheirFilesWhole() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a";
    std::atomic<int> failed = 0;
    const auto writer = [&](char letter) {
      return std::thread([&, letter] {
        for (int i = 0; i < 50; ++i) try {
            write_atomically(file, std::string(100'000, letter));
            const std::string content = read_file(file);
            if (content != std::string(100'000, content.at(0))) ++failed;
          } catch (const std::exception&) {
            ++failed;
          }
      });
    };
    std::thread first = writer('x'), second = writer('y');
    first.join();
    second.join();
    QCOMPARE(failed.load(), 0);
    QCOMPARE(files_in(folder.path()), 1u);
  }

  void aFullDiskLeavesTheOldFileAndSaysSo() {
    const TemporaryFolder mount;
    const testing::SmallDisk disk(mount.path(), 256 << 10);
    if (!disk.mounted()) QSKIP("needs the right to mount a small tmpfs");
    const fs::path file = mount.path() / "a";
    write_atomically(file, "old");
    bool full = false;
    try {
      write_atomically(file, std::string(1 << 20, 'x'));
    } catch (const Error& error) {
      full = error.kind == ErrorKind::disk_full && !error.hint.empty();
    }
    QVERIFY(full);
    QCOMPARE(read_file(file), std::string("old"));
    QCOMPARE(files_in(mount.path()), 1u);
    const std::uint64_t free = free_space_bytes(mount.path());
    QVERIFY(free > 100'000 && free <= 256 * 1024);
  }

  void aFolderThatIsAbsentIsAnError() {
    TemporaryFolder folder;
    LUTHIER_FAILS(write_atomically(folder.path() / "none" / "a", "x"), "cannot be written");
  }

  void filesAreReadWholeUpToTheLimit() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a";
    const std::string content = std::string("a\0b", 3) + std::string(100'000, 'z');
    testing::write_text(file, content);
    QCOMPARE(read_file(file), content);
    QCOMPARE(read_file(file, content.size()), content);
    LUTHIER_FAILS(read_file(file, content.size() - 1), "too large");
    LUTHIER_FAILS(read_file(folder.path()), "folder");
    LUTHIER_FAILS(read_file(folder.path() / "b"), "no such file");
    QVERIFY(!read_file("/proc/self/status").empty());  // states size 0
    LUTHIER_FAILS(read_file("/dev/zero", 1 << 20), "too large");
  }

  void writingToAMapNeverChangesTheFile() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a";
    testing::write_text(file, "hello");
    const auto map = MappedFile::open(file);
    QCOMPARE(map->size(), 5u);
    QCOMPARE(std::string(reinterpret_cast<char*>(map->data()), 5), std::string("hello"));
    std::memcpy(map->data(), "J", 1);
    QCOMPARE(read_file(file), std::string("hello"));
    fs::remove(file);  // the map outlives its name
    QCOMPARE(std::string(reinterpret_cast<char*>(map->data()), 5), std::string("Jello"));
  }

  void anEmptyFileMapsToNothing() {
    TemporaryFolder folder;
    testing::write_text(folder.path() / "a", "");
    QCOMPARE(MappedFile::open(folder.path() / "a")->size(), 0u);
    LUTHIER_FAILS(MappedFile::open(folder.path() / "b"), "no such file");
    LUTHIER_FAILS(MappedFile::open(folder.path()), "folder");
  }

  void aLockIsHeldAcrossProcessesAndFreedByDeath() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "lock";
    QVERIFY(FileLock::is_free(file));
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto lock = FileLock::try_take(file);
      const char told = lock ? 'y' : 'n';
      [[maybe_unused]] const ssize_t written = ::write(ends[1], &told, 1);
      while (true) ::pause();
    }
    char taken = 0;
    QCOMPARE(::read(ends[0], &taken, 1), ssize_t(1));
    QCOMPARE(taken, 'y');
    QVERIFY(!FileLock::try_take(file));
    QVERIFY(!FileLock::is_free(file));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    QVERIFY(FileLock::is_free(file));
    auto lock = FileLock::try_take(file);
    QVERIFY(lock);
    QVERIFY(!FileLock::try_take(file));  // not even by the same process
    const FileLock moved = std::move(*lock);
    lock.reset();
    QVERIFY(!FileLock::is_free(file));
  }

  void aLockFileThatCannotBeMadeIsAnError() {
    TemporaryFolder folder;
    LUTHIER_FAILS(FileLock::try_take(folder.path() / "none" / "lock"), "lock file");
  }

  void temporaryFoldersGoUnlessKept() {
    fs::path gone, kept;
    {
      TemporaryFolder one, other;
      QVERIFY(one.path() != other.path());
      testing::write_text(one.path() / "deep/er/file", "x");
      gone = one.path();
      kept = other.path();
      other.keep();
    }
    QVERIFY(!fs::exists(gone));
    QVERIFY(fs::exists(kept));
    fs::remove_all(kept);
  }

  void freeSpaceIsThatOfTheNearestExistingFolder() {
    TemporaryFolder folder;
    QVERIFY(free_space_bytes(folder.path() / "not" / "yet" / "there") > 0);
  }

  void pathsResolveFromTheirBase() {
    QCOMPARE(resolve_path("b/../c", "/a"), fs::path("/a/c"));
    QCOMPARE(resolve_path("/x/y", "/a"), fs::path("/x/y"));
    const QByteArray home = qgetenv("HOME");
    qputenv("HOME", "/home/me");
    QCOMPARE(resolve_path("~/data", "/a"), fs::path("/home/me/data"));
    QCOMPARE(resolve_path("~", "/a").string().substr(0, 8), std::string("/home/me"));
    QCOMPARE(resolve_path("~other/data", "/a"), fs::path("/a/~other/data"));
    qputenv("HOME", home);
  }

  void theHomeFolderFollowsTheEnvironment() {
    const QByteArray luthier = qgetenv("LUTHIER_HOME"), data = qgetenv("XDG_DATA_HOME"), home = qgetenv("HOME");
    qputenv("LUTHIER_HOME", "/l");
    QCOMPARE(luthier_home(), fs::path("/l"));
    qputenv("LUTHIER_HOME", "");
    qputenv("XDG_DATA_HOME", "/d");
    QCOMPARE(luthier_home(), fs::path("/d/luthier"));
    qunsetenv("XDG_DATA_HOME");
    qputenv("HOME", "/h");
    QCOMPARE(luthier_home(), fs::path("/h/.local/share/luthier"));
    qputenv("HOME", home);
    if (!data.isNull()) qputenv("XDG_DATA_HOME", data);
    luthier.isNull() ? qunsetenv("LUTHIER_HOME") : qputenv("LUTHIER_HOME", luthier);
  }
};

QTEST_GUILESS_MAIN(FilesTest)
#include "files_test.moc"
