/** Organization (O) of every site certificate; the server's own certificate has another one. */
export const siteOrganization = "weir-site";
