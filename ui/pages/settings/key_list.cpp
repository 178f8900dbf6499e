#include "pages/settings/key_list.h"

#include <QGridLayout>

#include "widgets/basics.h"

namespace luthier {

namespace {
/// The names of keys as they stand on the keyboard of this language.
QString spelled(QString keys) {
  const std::pair<const char*, QString> names[] = {{"Ctrl", KeyList::tr("Ctrl")},
                                                   {"Shift", KeyList::tr("Shift")},
                                                   {"Enter", KeyList::tr("Enter")},
                                                   {"Space", KeyList::tr("Space")}};
  for (const auto& [name, here] : names) keys.replace(QLatin1String(name), here);
  return keys;
}
}  // namespace

KeyList::KeyList(QWidget* parent) : QWidget(parent) {
  setObjectName("keyList");
  setAccessibleName(tr("Keys"));
  const std::pair<QString, QString> keys[] = {
      {"Ctrl+K", tr("Find an action or setting")},
      {"Ctrl+1 … 7", tr("Pages in the order of the rail")},
      {"Ctrl+0", tr("Runs")},
      {"Ctrl+,", tr("Settings")},
      {"Ctrl+Shift+R", tr("Show or hide the run card")},
      {"Ctrl+O", tr("Open data")},
      {"Ctrl+S", tr("Save the recipe")},
      {"Ctrl+Z", tr("Undo")},
      {"Ctrl+Enter", tr("Main action of the page or dialog")},
      {"F5", tr("Run preflight")},
      {"Ctrl+Shift+P", tr("Pause or resume the run")},
      {"Ctrl+.", tr("Stop the run")},
      {"Ctrl+Shift+C", tr("Checkpoint now")},
      {"/", tr("Search or filter")},
      {"Esc", tr("Clear the filter or close the drawer")},
      {"J, K", tr("Next and previous row")},
      {"Enter", tr("Open the microscope on a row")},
      {"Space", tr("Tick a row")},
      {"Ctrl+C", tr("Copy cell, row or chart")},
      {"L", tr("Chart: logarithmic scale")},
      {tr("[ and ]"), tr("Chart: less and more smoothing")},
      {"← →", tr("Chart: move the crosshair; with Shift by 10")},
      {"F1", tr("Help of the focused field")},
      {"Ctrl++, Ctrl+-", tr("Text size")},
  };
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(6);
  int row = 0;
  for (const auto& [key, what] : keys) {
    QLabel* chip = makeChip(spelled(key), "outline");
    chip->setFont(luthier::font(TextStyle::monoCaption));
    connect(&theme(), &Theme::changed, chip, [chip] { chip->setFont(luthier::font(TextStyle::monoCaption)); });
    grid->addWidget(chip, row, 0, Qt::AlignLeft | Qt::AlignVCenter);
    grid->addWidget(makeText(what, TextStyle::body, "secondary"), row, 1);
    ++row;
  }
  grid->setColumnStretch(1, 1);
}

}  // namespace luthier
