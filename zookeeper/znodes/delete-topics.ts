/** `/admin/delete_topics/<topic>`, persistent, null data: a topic that is to be deleted. The controller removes the node when it is done. */
export const DELETE_TOPICS_PATH = '/admin/delete_topics';

export function deleteTopicPath(topic: string): string {
  return `${DELETE_TOPICS_PATH}/${topic}`;
}
