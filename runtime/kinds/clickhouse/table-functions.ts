/** Functions by which a statement reads or writes outside this server, or runs a program: refused unless the config allows them. In small letters, as some are not particular. */
export const outsideFunctions: ReadonlySet<string> = new Set([
  ...['url', 'urlcluster', 'file', 'filecluster', 'filesystem', 's3', 's3cluster', 'gcs', 'oss', 'cosn', 'hdfs', 'hdfscluster'],
  ...['azureblobstorage', 'azureblobstoragecluster', 'remote', 'remotesecure', 'mysql', 'postgresql', 'mongodb', 'redis', 'sqlite', 'jdbc', 'odbc'],
  ...['executable', 'ytsaurus', 'arrowflight', 'hudi', 'hudicluster', 'input', 'eval', 'catboostevaluate', 'generateserialid'],
  ...['deltalake', 'deltalakecluster', 'deltalakes3', 'deltalakes3cluster', 'deltalakeazure', 'deltalakeazurecluster', 'deltalakelocal'],
  ...['iceberg', 'icebergcluster', 'icebergs3', 'icebergs3cluster', 'icebergazure', 'icebergazurecluster', 'iceberghdfs', 'iceberghdfscluster'],
  ...['iceberglocal', 'iceberglocalcluster'],
  ...['paimon', 'paimoncluster', 'paimons3', 'paimons3cluster', 'paimonazure', 'paimonazurecluster', 'paimonhdfs', 'paimonhdfscluster', 'paimonlocal'],
])
