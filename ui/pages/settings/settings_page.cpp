#include "pages/settings/settings_page.h"

#include <QAction>
#include <QCoreApplication>
#include <QFileDialog>
#include <QLineEdit>
#include <QScrollArea>
#include <QSysInfo>
#include <QVBoxLayout>
#include <map>

#include "device/device.h"
#include "forms/option_form.h"
#include "pages/settings/key_list.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// Options by group, in the order of declaration; one that nobody has placed stands under "More".
std::vector<OptionSection> settingGroups() {
  const std::pair<QString, std::vector<std::string>> placed[] = {
      {SettingsPage::tr("Appearance"), {"theme", "text_size", "high_contrast", "reduced_motion", "language"}},
      {SettingsPage::tr("Folders"), {"projects_folder"}},
      {SettingsPage::tr("Devices"), {"threads", "offline"}},
  };
  std::vector<OptionSpec> left = option_specs<SettingsOptions>();
  std::vector<OptionSection> sections;
  for (const auto& [title, keys] : placed) {
    OptionSection section{title, {}, {}};
    for (const std::string& key : keys)
      for (auto spec = left.begin(); spec != left.end(); ++spec)
        if (spec->info.key == key) {
          section.specs.push_back(*spec);
          left.erase(spec);
          break;
        }
    if (!section.specs.empty()) sections.push_back(section);
  }
  if (!left.empty()) sections.push_back({SettingsPage::tr("More"), {}, left});
  return sections;
}

QString machineText() {
  QStringList lines;
  const Memory memory = luthier::memory();
  const std::uint64_t total = std::min(memory.total_bytes, memory.limit_bytes.value_or(memory.total_bytes));
  lines << SettingsPage::tr("%1 processor cores, %2 of memory").arg(usable_cores()).arg(bytesText(double(total)));
  const std::vector<Gpu> found = gpus();
  for (const Gpu& gpu : found)
    lines << SettingsPage::tr("%1 with %2, driver %3")
                 .arg(QString::fromStdString(gpu.name), bytesText(double(gpu.total_bytes)),
                      QString::fromStdString(gpu.driver));
  if (found.empty()) lines << SettingsPage::tr("No NVIDIA GPU: runs use the processor.");
  lines << QSysInfo::prettyProductName();
  return lines.join('\n');
}
}  // namespace

SettingsPage::SettingsPage(Workbench& workbench, QWidget* parent)
    : Page(workbench, tr("Settings"), "settingsPage", parent) {
  auto* row = makeRow(12);
  auto* left = makeColumn(12);
  auto* right = new QWidget;
  right->setProperty("surface", "none");
  auto* rightColumn = makeColumn(12, right);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(right);
  addForm(left);
  auto* keys = new Card(tr("Keys"));
  keys->body()->addWidget(new KeyList);
  addFacts(rightColumn);
  rightColumn->addWidget(keys);
  rightColumn->addStretch(1);
  row->addLayout(left, 1);
  row->addWidget(scroll, 1);
  content()->addLayout(row, 1);

  auto* search = new QAction(tr("Search settings"), this);
  search->setShortcut(QKeySequence(Qt::Key_Slash));
  search->setShortcutContext(Qt::WindowShortcut);
  connect(search, &QAction::triggered, this, [this] { form_->searchEdit()->setFocus(Qt::ShortcutFocusReason); });
  addAction(search);
  actions_ << search;
  connect(&workbench.settings, &Settings::changed, this, &SettingsPage::shown);
  shown();
}

void SettingsPage::addForm(QVBoxLayout* column) {
  auto* card = new Card(tr("Settings"));
  form_ = new OptionForm;
  form_->levelControl()->hide();  // there are few, and all of them are simple
  form_->levelControl()->setCurrent("advanced");
  form_->setSections(settingGroups());
  card->body()->setContentsMargins(13, 4, 8, 6);
  card->body()->addWidget(form_, 1);
  auto* folder = makeRow(8);
  projects_ = makeText({}, TextStyle::small, "tertiary");
  projects_->setObjectName("projectsFolderText");
  folder->addWidget(projects_, 1);
  QPushButton* choose = makeSmallButton(tr("Choose a projects folder"), "chooseProjectsFolderButton");
  folder->addWidget(choose);
  card->body()->addLayout(folder);
  column->addWidget(card, 1);
  connect(form_, &OptionForm::edited, this, &SettingsPage::take);
  connect(choose, &QPushButton::clicked, this, &SettingsPage::chooseFolder);
}

void SettingsPage::addFacts(QVBoxLayout* column) {
  auto* machine = new Card(tr("This machine"));
  machine_ = makeText({}, TextStyle::body, "secondary");
  machine_->setObjectName("machineText");
  machine->body()->addWidget(machine_);
  column->addWidget(machine);
  auto* versions = new Card(tr("Versions"));
  QLabel* text = makeText(tr("Luthier %1\nQt %2, on %3 %4")
                              .arg(QCoreApplication::applicationVersion(), QString::fromLatin1(qVersion()),
                                   QSysInfo::kernelType(), QSysInfo::currentCpuArchitecture()),
                          TextStyle::body, "secondary");
  text->setObjectName("versionsText");
  text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  versions->body()->addWidget(text);
  column->addWidget(versions);
}

void SettingsPage::shown() {
  form_->setValues(write_options(workbench().settings.options()));
  projects_->setText(tr("New projects are made in %1. Runs are kept in %2.")
                         .arg(QString::fromStdString(workbench().settings.projectsFolder().string()),
                              QString::fromStdString(workbench().settings.home().string())));
  if (isVisible() && machine_->text().isEmpty()) machine_->setText(machineText());
}

void SettingsPage::take(const QString& path, const Json& value) {
  Json all = write_options(workbench().settings.options());
  if (value.is_null())
    all.erase(path.toStdString());
  else
    all[path.toStdString()] = value;
  SettingsOptions options;
  std::vector<Problem> problems;
  read_options(all, "", options, problems);
  workbench().settings.set(options);
}

void SettingsPage::chooseFolder() {
  const QString folder = QFileDialog::getExistingDirectory(
      this, tr("Choose a projects folder"), QString::fromStdString(workbench().settings.projectsFolder().string()));
  if (!folder.isEmpty()) take("projects_folder", Json(folder.toStdString()));
}

}  // namespace luthier
