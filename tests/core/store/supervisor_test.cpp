// The supervisor with trainers that are shell scripts: every way in which a trainer can end.
#include "store/supervisor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "store/process.h"
#include "support/testing.h"

using namespace luthier;

namespace {
const Json kRecipe = {{"luthier", 1}, {"name", "test"}};

SupervisorOptions shell(const std::string& script) {
  SupervisorOptions options;
  options.trainer = "/bin/sh";
  options.trainer_words = {"-c", script};
  options.poll_seconds = 0.02;
  return options;
}

/// A trainer that sets its run's status by itself cannot be a shell script: this thread does it once the script waits.
void set_when_running(const fs::path& home, const std::string& run, RunStatus status) {
  Store store(home);
  while (store.run(run).status != RunStatus::running) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  store.set_status(run, status);
}

void wait_for_file(const fs::path& file) {
  for (int i = 0; i < 1000 && !fs::exists(file); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}
}  // namespace

class SupervisorTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void whatTheTrainerSaysOfItsEndCounts() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    std::jthread trainer(set_when_running, home.path(), run, RunStatus::success);
    QVERIFY(supervise(store, run, shell("sleep 0.5")) == RunStatus::success);
    QCOMPARE(store.run(run).exit_code, 0);
  }

  void anExitWithoutAWordIsInterruptedEvenWithCodeZero() {
    for (const int code : {0, 3}) {
      TemporaryFolder home;
      Store store(home.path());
      const std::string run = store.create_run("a", "cpu", kRecipe);
      QVERIFY(supervise(store, run, shell("echo last words; exit " + std::to_string(code))) == RunStatus::interrupted);
      const RunRow row = store.run(run);
      QVERIFY(row.status == RunStatus::interrupted);
      QCOMPARE(row.exit_code, code);
      QVERIFY(row.reason.find("exit code " + std::to_string(code)) != std::string::npos);
      QVERIFY(row.hint.find("--resume " + run) != std::string::npos);
      QCOMPARE(log_tail(store, run), std::string("last words\n"));
      const auto events = store.events(run);
      QCOMPARE(events.back().kind, std::string("error"));
      QCOMPARE(Json::parse(events.back().detail_json)["log"], Json("last words\n"));
    }
  }

  void aKilledTrainerIsInterruptedWithItsSignal() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    QVERIFY(supervise(store, run, shell("kill -9 $$")) == RunStatus::interrupted);
    QCOMPARE(store.run(run).signal, 9);
    QVERIFY(store.run(run).reason.find("killed by signal 9") != std::string::npos);
  }

  void theOutOfMemoryKillerIsNamed() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    SupervisorOptions options = shell("kill -9 $$");
    std::uint64_t kills = 4;
    options.out_of_memory_kills = [&kills] { return kills++; };
    supervise(store, run, options);
    QVERIFY(store.run(run).reason.find("want of memory") != std::string::npos);
    QVERIFY(store.run(run).hint.find("batch_size") != std::string::npos);
  }

  void aTrainerThatCannotBeStartedFailsTheRun() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    SupervisorOptions options = shell("");
    options.trainer = home.path() / "absent";
    QVERIFY(supervise(store, run, options) == RunStatus::failed);
    QVERIFY(store.run(run).reason.find("cannot be started") != std::string::npos);
  }

  void aRunStoppedInTheQueueNeverStarts() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    store.send_command(run, "stop", Json::object());
    QVERIFY(supervise(store, run, shell("touch " + (home.path() / "ran").string())) == RunStatus::stopped);
    QVERIFY(!fs::exists(home.path() / "ran"));
  }

  void theSecondRunWaitsForTheFirst() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string first = store.create_run("a", "cpu", kRecipe), second = store.create_run("b", "cpu", kRecipe);
    const std::string order = (home.path() / "order").string();
    std::jthread other([&] {
      Store mine(home.path());
      supervise(mine, second, shell("echo second >>" + order));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    QVERIFY(!fs::exists(order));
    supervise(store, first, shell("sleep 0.2; echo first >>" + order));
    other.join();
    QCOMPARE(read_file(order), std::string("first\nsecond\n"));
  }

  void onlyAQueuedRunIsTaken() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    store.set_status(run, RunStatus::success);
    LUTHIER_FAILS(supervise(store, run, shell("true")), "not queued");
    LUTHIER_FAILS(supervise(store, "20200101", shell("true")), "there is no run");
  }

  void oneSupervisorARun() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    const FileLock other = store.take_supervisor_lock(run);
    LUTHIER_FAILS(supervise(store, run, shell("true")), "another process watches this run");
  }

  void aStopRequestReachesTheTrainerAsACommand() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    std::atomic<bool> stop{false};
    SupervisorOptions options = shell("touch " + (home.path() / "up").string() + "; sleep 1.2");
    options.stop_asked = &stop;
    std::jthread asks([&] {
      wait_for_file(home.path() / "up");
      stop = true;
    });
    supervise(store, run, options);
    const auto commands = store.take_commands(run);
    QCOMPARE(commands.size(), 1u);
    QCOMPARE(commands[0].kind, std::string("stop"));
  }

  // kill -9 of supervisor and trainer together (power, a session's end): the next look at the store cleans up.
  void killedSupervisorAndTrainerAreNoticed() {
    TemporaryFolder home;
    std::string run;
    {
      run = Store(home.path()).create_run("a", "cpu", kRecipe);
    }
    const fs::path mark = home.path() / "trainer";
    const pid_t supervisor = ::fork();
    if (supervisor == 0) {
      try {
        Store store(home.path());
        supervise(store, run,
                  shell("echo $$ >" + mark.string() + ".new; mv " + mark.string() + ".new " + mark.string() +
                        "; exec sleep 60"));
      } catch (const std::exception&) {
      }
      ::_exit(0);
    }
    wait_for_file(mark);
    const pid_t trainer = std::stoi(read_file(mark));
    Store store(home.path());
    QVERIFY(store.mark_interrupted().empty());
    ::kill(supervisor, SIGKILL);
    ::kill(trainer, SIGKILL);
    ::waitpid(supervisor, nullptr, 0);
    // No lock file: the script takes none. The start's grace of ten seconds is passed by setting the clock of the row
    // back.
    RunRow row = store.run(run);
    row.started -= 60;
    store.update_run(row);
    QCOMPARE(store.mark_interrupted(), std::vector<std::string>{run});
    store.requeue(run);
    QVERIFY(supervise(store, run, shell("true")) == RunStatus::interrupted);
  }

  void aStartedProgramHasASessionOfItsOwnAndItsLog() {
    TemporaryFolder folder;
    const fs::path log = folder.path() / "log";
    Process process = Process::start("/bin/sh", {"-c", "ps -o sid= -p $$; echo out; echo err >&2; exit 5"}, log);
    std::optional<ProcessEnd> end;
    while (!end) end = process.wait();
    QCOMPARE(end->exit_code, 5);
    QCOMPARE(process.wait()->exit_code, 5);  // asked again
    std::istringstream lines(read_file(log));
    pid_t session = 0;
    std::string out, err;
    lines >> session >> out >> err;
    QCOMPARE(session, process.id());
    QCOMPARE(out + err, std::string("outerr"));
  }

  void waitingEndsWhenItsTimeIsUp() {
    Process process = Process::start("/bin/sleep", {"30"});
    QVERIFY(!process.wait(0));
    QVERIFY(!process.wait(0.05));
    process.send_signal(SIGTERM);
    std::optional<ProcessEnd> end;
    while (!end) end = process.wait();
    QCOMPARE(end->signal, SIGTERM);
    QVERIFY(describe_end(*end).find("signal 15") != std::string::npos);
  }

  void theLogsTailIsItsLastLines() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    QCOMPARE(log_tail(store, run), std::string());
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
    testing::write_text(store.run_folder(run) / "log.txt", text);
    QCOMPARE(log_tail(store, run, 2), std::string("line 4998\nline 4999\n"));
    testing::write_text(store.run_folder(run) / "log.txt", "one\ntwo");
    QCOMPARE(log_tail(store, run, 1), std::string("two"));
    QCOMPARE(log_tail(store, run, 5), std::string("one\ntwo"));
  }
};

QTEST_GUILESS_MAIN(SupervisorTest)
#include "supervisor_test.moc"
