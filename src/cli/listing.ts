/** How lists of models and data sets are printed. */
export const listingFormats = ["table", "json"] as const;

export interface ListingFlags {
  readonly format: (typeof listingFormats)[number];
}
