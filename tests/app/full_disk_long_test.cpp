// A disk that fills up in mid-run pauses the run; with space again it goes on and ends as if nothing had been.
#include <sys/mount.h>

#include <thread>

#include "base/error.h"
#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

class FullDiskLongTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

 private Q_SLOTS:
  void pausesAndGoesOnAfterwards() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    const fs::path disk = folder_.path() / "disk";
    fs::create_directories(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=12m") != 0) QSKIP("needs the right to mount a small tmpfs");
    write_tiny_task(folder_.path(), 96);
    Json recipe = tiny_recipe(folder_.path());
    recipe["training"]["max_steps"] = 60;
    std::string id;
    bool paused = false, success = false;
    {
      Store store(disk);
      id = store.create_run("full", "cpu", recipe);
      QProcess trainer;
      QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
      environment.insert("LUTHIER_HOME", QString::fromStdString(disk.string()));
      trainer.setProcessEnvironment(environment);
      trainer.setProcessChannelMode(QProcess::ForwardedChannels);
      trainer.start(QString::fromStdString(cli_path().string()), {"train-worker", QString::fromStdString(id)});
      QVERIFY(trainer.waitForStarted());
      const auto until = [&](auto condition) {
        for (int i = 0; i < 2400 && !condition() && trainer.state() != QProcess::NotRunning; ++i)
          trainer.waitForFinished(25);
        return condition();
      };
      QVERIFY(until([&] { return store.run(id).step >= 8; }));
      {
        std::ofstream filler(disk / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (filler.write(block.data(), 4096) && filler.flush()) {
        }
      }
      paused = until([&] { return store.run(id).status == RunStatus::paused; });
      const std::string reason = store.run(id).reason;
      fs::remove(disk / "filler");
      store.send_command(id, "resume", Json::object());
      success = until([&] { return store.run(id).status == RunStatus::success; });
      trainer.waitForFinished(20000);
      if (trainer.state() != QProcess::NotRunning) trainer.kill();
      QVERIFY(paused);
      QVERIFY2(reason.find("disk") != std::string::npos, reason.c_str());
      QVERIFY2(success, store.run(id).reason.c_str());
      QCOMPARE(store.metrics(id, 0, "train.loss").size(), std::size_t{60});
    }
    ::umount(disk.c_str());
  }
};

QTEST_GUILESS_MAIN(FullDiskLongTest)
#include "full_disk_long_test.moc"
