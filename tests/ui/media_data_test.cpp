// Data of images and recordings: pictures and table, what the model sees of a row, what a recording sounds like.
#include <QSignalSpy>
#include <nlohmann/json.hpp>

#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "pages/data/image_grid.h"
#include "pages/data/media_view.h"
#include "pages/data/picture_view.h"
#include "pages/data/sound_view.h"
#include "pages/home/openable.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using namespace luthier::testing;

class MediaDataTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture;
  std::unique_ptr<DataPage> page;

  fs::path path(const QString& name) { return fixture->folder.filePath(name).toStdString(); }
  Document& document() { return fixture->document; }

  void open(const fs::path& data, Json more = Json::object()) {
    Json recipe = {{"luthier", 1},
                   {"name", "test"},
                   {"objective", {{"kind", "classification"}}},
                   {"model", {{"path", ""}}},
                   {"data", {{"train", data.string()}}},
                   {"method", {{"kind", "full"}}}};
    recipe.merge_patch(more);
    document().create(path("project"), recipe);
    page = std::make_unique<DataPage>(fixture->workbench);
    page->resize(912, 868);
    page->setProperty("surface", "page");
    page->show();
    page->shown();
  }
  QString roles() {
    QStringList list;
    for (const auto& [role, column] : document().lenient().data.roles)
      list << QString::fromStdString(role + "=" + column);
    list.sort();
    return list.join(' ');
  }

 private Q_SLOTS:
  void init() { fixture = std::make_unique<WindowFixture>(); }
  void cleanup() {
    page.reset();
    fixture.reset();
  }

  void aFolderOfImagesIsShownAsPictures() {
    LUTHIER_NEEDS(data, "data/img_cifar10_jpg");
    QCOMPARE(openablePath(data / "train"), data / "train");
    open(data / "train");
    auto* grid = child<ImageGrid>(*page, "imageGrid");
    QTRY_COMPARE_WITH_TIMEOUT(roles(), QString("image=image label=label"), 20000);
    QTRY_VERIFY(grid->isVisible());
    QCOMPARE(page->rows().count(), std::int64_t(2000));
    QTRY_VERIFY_WITH_TIMEOUT(grid->loaded() >= 20, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(fixture->facts.data() && !fixture->facts.dataLoading(), 30000);
    grabBothThemes(*page, "data-images");

    QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, grid->cellRect(2).center());
    QCOMPARE(grid->currentRow(), std::int64_t(2));
    auto* view = child<MediaView>(*page, "mediaView");
    QTRY_VERIFY(view->isVisible());
    const auto pictures = view->findChildren<PictureView*>();
    QTRY_COMPARE(pictures[0]->image().size(), QSize(32, 32));  // CIFAR-10
    QCOMPARE(pictures[1]->image().size(), QSize(224, 224));    // the standard processor's
    document().set("data.augment", Json{{"flip", true}, {"smallest_crop", 0.3}}, "test");
    QTRY_VERIFY(!view->findChildren<PictureView*>().last()->image().isNull());
    grabBothThemes(*page, "data-images-row");

    QTest::keyClick(grid, Qt::Key_Right);
    QCOMPARE(grid->currentRow(), std::int64_t(3));
    auto* selector = child<SegmentedControl>(*page, "dataViewSelector");
    QTest::mouseClick(selector, Qt::LeftButton, {}, selector->segmentRect("table").center());
    auto* table = child<DataTable>(*page, "dataTable");
    QVERIFY(table->isVisible() && !grid->isVisible());
    QCOMPARE(table->currentRow(), std::int64_t(3));  // the same row
    grabTo(*page, "data-images-table");
  }

  void aBrokenImageSaysSoInItsPlace() {
    LUTHIER_NEEDS(data, "data/img_cifar10_jpg");
    const fs::path folder = path("pictures");
    fs::create_directories(folder / "cat");
    fs::create_directories(folder / "dog");
    int number = 0;
    for (const char* name : {"cat", "dog"})
      for (const auto& entry : fs::directory_iterator(data / "val" / name)) {
        fs::copy(entry.path(), folder / name / (std::to_string(number++) + ".jpg"));
        if (number % 4 == 0) break;
      }
    write_text(folder / "cat/0.jpg", read_file(folder / "cat/0.jpg").substr(0, 400));  // cut off in the middle
    open(folder);
    auto* grid = child<ImageGrid>(*page, "imageGrid");
    QTRY_VERIFY_WITH_TIMEOUT(grid->isVisible() && grid->loaded() >= 7, 20000);
    QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, grid->cellRect(0).center());
    auto* view = child<MediaView>(*page, "mediaView");
    QSignalSpy shown(view, &MediaView::rowShown);
    QTRY_VERIFY(shown.count() > 0);
    QTRY_VERIFY(view->findChild<ErrorCard*>()->isVisible());
    grabBothThemes(*page, "data-images-broken");
  }

  void aRecordingIsShownAndHeard() {
    LUTHIER_NEEDS(data, "data/audio_fsdd");
    open(data / "train.csv");
    QTRY_COMPARE_WITH_TIMEOUT(roles(), QString("audio=path label=label"), 20000);
    auto* table = child<DataTable>(*page, "dataTable");
    QTRY_VERIFY(table->isVisible());
    QVERIFY(!child<SegmentedControl>(*page, "dataViewSelector")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(fixture->facts.data() && !fixture->facts.dataLoading(), 30000);
    table->setFocus();
    table->setCurrentRow(1);
    QTest::keyClick(table, Qt::Key_Return);
    auto* view = child<MediaView>(*page, "mediaView");
    QSignalSpy shown(view, &MediaView::rowShown);
    QTRY_VERIFY(view->isVisible() && shown.count() > 0);
    QTRY_VERIFY(child<SoundView>(*page, "soundView")->isVisible());
    auto* play = child<QPushButton>(*page, "mediaPlay");
    QVERIFY(play->isEnabled() || play->toolTip().contains("no sound output"));
    grabBothThemes(*page, "data-sound");
    QTest::mouseClick(child<QPushButton>(*page, "mediaNext"), Qt::LeftButton);
    QCOMPARE(table->currentRow(), std::int64_t(2));
    QTest::mouseClick(child<QPushButton>(*page, "mediaClose"), Qt::LeftButton);
    QVERIFY(!view->isVisible());
  }
};

LUTHIER_WINDOW_TEST_MAIN(MediaDataTest)
#include "media_data_test.moc"
