/** Which stages of which sites a list of patterns means. Pure. */

/** True for stages that are included (all, where `include` is empty) and not excluded. */
export function stagePatterns({
  include,
  exclude,
}: {
  include: readonly string[];
  exclude: readonly string[];
}): (site: string, stage: string) => boolean {
  const wanted = include.map(matcher);
  const unwanted = exclude.map(matcher);
  return (site, stage) => {
    const fits = (match: (site: string, stage: string) => boolean) => match(site, stage);
    return (wanted.length === 0 || wanted.some(fits)) && !unwanted.some(fits);
  };
}

/** "TANK*" at any site, "mysite/*" of one site; "*" stands for any characters. */
function matcher(pattern: string): (site: string, stage: string) => boolean {
  const cut = pattern.indexOf("/");
  const site = cut === -1 ? "*" : pattern.slice(0, cut);
  const ofSite = expression(site);
  const ofStage = expression(pattern.slice(cut + 1));
  return (id, stage) => ofSite.test(id) && ofStage.test(stage);
}

const expression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split("*").map(literally).join(".*")}$`);

const literally = (text: string): string => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&");
